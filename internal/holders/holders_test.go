package holders

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// tree makes a /proc: files by their path, with "->" before the target of a link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	top := t.TempDir()
	for name, text := range files {
		path := filepath.Join(top, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if target, ok := cut(text); ok {
			err = errors.Join(err, os.Symlink(target, path))
		} else {
			err = errors.Join(err, os.WriteFile(path, []byte(text), 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return top
}

func cut(text string) (string, bool) {
	if len(text) > 2 && text[:2] == "->" {
		return text[2:], true
	}
	return text, false
}

func TestLinux(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux", "illumos", "darwin", "freebsd")) // symbolic links
	proc := tree(t, map[string]string{
		"9/cmdline": "cat\x00-\x00", "9/cwd": "->/z/web/root/etc", "9/root": "->/", "9/exe": "->/usr/bin/cat", "9/fd/3": "->/z/web/root/mnt/held (deleted)", "9/fd/4": "->/z/web/root/mnt/held",
		"9/fd/5": "->socket:[77]", "9/maps": "7f00-7f01 r-xp 00000000 08:01 12 /z/web/root/lib/with blank.so\n7f02-7f03 rw-p 00000000 00:00 0\n", "9/ns/pid": "->pid:[1]",
		"10/comm": "kthread\n", "10/cwd": "->/z/webserver", "10/ns/pid": "->pid:[2]", "10/fd/0": "->/dev/null", "10/root": "->/", "10/exe": "->/x",
		"11/cmdline": "init\x00", "11/cwd": "->/", "11/ns/pid": "->pid:[2]", "11/fd/0": "->/dev/null", "11/root": "->/", "11/exe": "->/x",
		"12/cmdline": "chrooted\x00", "12/cwd": "->/", "12/root": "->/z/web/root", "12/exe": "->/z/web/root/bin/sh", "12/fd/0": "->/dev/null",
		"self": "->9", "uptime": "1",
	})
	cat := Process{9, "cat -"}
	want := []Use{{cat, "current directory", "/z/web/root/etc"}, {cat, "mapped file", "/z/web/root/lib/with blank.so"}, {cat, "open file", "/z/web/root/mnt/held"},
		{Process{12, "chrooted"}, "root directory", "/z/web/root"}, {Process{12, "chrooted"}, "program", "/z/web/root/bin/sh"}}
	if uses, unseen := Using(proc, "/z/web"); !reflect.DeepEqual(uses, want) || unseen != 0 {
		t.Errorf("%+v, %d unseen; want %+v", uses, unseen, want)
	}
	if list := In(proc, 5, 10); !reflect.DeepEqual(list, []Process{{10, "kthread"}, {11, "init"}}) {
		t.Errorf("in the zone: %+v", list)
	}
	if list := In(proc, 5, 0); list != nil {
		t.Errorf("in a zone without a known process: %+v", list)
	}
}

// TestIllumos reads the files of illumos' /proc.
func TestIllumos(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux", "illumos", "darwin", "freebsd")) // symbolic links
	info := func(args string, zone uint32) string {
		raw := make([]byte, 416)
		copy(raw[psargs:], args)
		binary.NativeEndian.PutUint32(raw[zoneid:], zone)
		return string(raw)
	}
	proc := tree(t, map[string]string{
		"7/psinfo": info("/usr/bin/vi notes", 0), "7/path/cwd": "->/z/web/root", "7/path/root": "->/", "7/path/a.out": "->/z/web/root/bin/vi", "7/path/3": "->/z/web/root/notes", "7/path/zfs.1.2.3": "->/z/web/root/lib/libc.so.1",
		"8/psinfo": info("/sbin/init", 5), "8/path/cwd": "->/",
		"9/psinfo": info("shortest", 5)[:psinfoed], "10/psinfo": info("cut off", 5)[:psinfoed-1], // of a process that ends
	})
	vi := Process{7, "/usr/bin/vi notes"}
	want := []Use{{vi, "current directory", "/z/web/root"}, {vi, "program", "/z/web/root/bin/vi"}, {vi, "mapped file", "/z/web/root/lib/libc.so.1"}, {vi, "open file", "/z/web/root/notes"}}
	if uses, _ := Using(proc, "/z/web/root"); !reflect.DeepEqual(uses, want) {
		t.Errorf("%+v; want %+v", uses, want)
	}
	if list := In(proc, 5, 0); !reflect.DeepEqual(list, []Process{{8, "/sbin/init"}, {9, "shortest"}}) {
		t.Errorf("in the zone: %+v", list)
	}
	if list := In(proc, 6, 0); list != nil {
		t.Errorf("in another: %+v", list)
	}
}

// TestUnseen counts processes that the caller may not look into.
func TestUnseen(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux"), testenv.User)
	proc := tree(t, map[string]string{"7/cmdline": "secret", "7/cwd": "->/", "7/root": "->/", "7/exe": "->/x", "7/fd/0": "->/x"})
	if err := os.Chmod(filepath.Join(proc, "7/fd"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(proc, "7/fd"), 0o700) })
	if _, unseen := Using(proc, "/z"); unseen != 1 {
		t.Errorf("%d unseen", unseen)
	}
	if uses, unseen := Using(filepath.Join(proc, "none"), "/z"); uses != nil || unseen != 0 {
		t.Errorf("without /proc: %v, %d", uses, unseen)
	}
}
