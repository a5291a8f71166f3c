package zoneadmd

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// machineHas keeps the expected mounts of directories that this machine has.
func machineHas(mounts []string) []string {
	return slices.DeleteFunc(mounts, func(m string) bool {
		dir, option, _ := strings.Cut(m, " ")
		if !strings.HasSuffix(option, machineOptions) {
			return false
		}
		info, err := os.Stat(dir)
		return err != nil || !info.IsDir()
	})
}

// onMachine are the mounts of directories of the machine.
func onMachine(dirs ...string) (mounts []string) {
	for _, dir := range dirs {
		mounts = append(mounts, fmt.Sprintf("%s %s lofs %s", dir, dir, machineOptions))
	}
	return machineHas(mounts)
}

// TestScratchMounts: what a scratch zone is made of, for a zone whose brand has packages of its
// own and for one of brand native.
func TestScratchMounts(t *testing.T) {
	const elements = `
<filesystem special="/export" directory="/data" type="lofs"/>
<filesystem special="tank/none" directory="/zfs" type="zfs"/>
<filesystem special="/of/var" directory="/var" type="lofs"/>
<device match="/dev/zones-none*"/>
<network address="10.1.2.3/24" physical="net0"/>`
	for _, test := range []struct {
		brand string
		want  func(root string) []string
	}{
		{"staged", func(root string) []string {
			return slices.Concat(
				[]string{
					"/ swap tmpfs mode=755", "/a " + root + " lofs ", "/a/data /export lofs ", "/dev /dev dev attrdir=" + root + "/dev", "/a/var /of/var lofs ",
				},
				onMachine("/etc", "/kernel", "/lib", "/opt", "/platform", "/sbin", "/usr", "/var", "/lib32", "/lib64", "/libx32", "/bin"),
				[]string{"/tmp swap tmpfs ", "RUN swap tmpfs mode=755", "/var/tmp swap tmpfs ", "/proc proc proc "})
		}},
		{"native", func(root string) []string {
			return slices.Concat(
				[]string{
					"/ swap tmpfs mode=755", "/a " + root + " lofs ", "/a/data /export lofs ", "/dev /dev dev attrdir=" + root + "/dev", "/a/var /of/var lofs ",
					"/etc " + root + "/etc lofs ", "/var /of/var lofs ",
				},
				onMachine("/etc/lib", "/etc/fs", "/lib", "/sbin", "/platform", "/usr", "/lib32", "/lib64", "/libx32", "/bin"),
				[]string{"/tmp swap tmpfs ", "/var/run swap tmpfs mode=755", "/proc proc proc "})
		}},
	} {
		t.Run(test.brand, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", `limitpriv="default,-sys_mount"`, elements)
			for _, file := range []string{"config.xml", "platform.xml"} {
				text, err := os.ReadFile(s.root + brandFiles + "/" + file)
				if err != nil {
					t.Fatal(err)
				}
				s.write(s.root+"/brands/native/"+file, strings.ReplaceAll(string(text), "staged", "native"), 0o644)
			}
			if test.brand == "native" {
				s.write(s.root+"/etc/zones/z1.xml", strings.ReplaceAll(s.text("/etc/zones/z1.xml"), `brand="staged"`, `brand="native"`), 0o644)
			}
			s.start()
			if reply := s.ask(zone.CommandMount, ""); reply != (zone.CommandReply{}) {
				t.Fatalf("%+v", reply)
			}
			s.stateIs(zonecfg.Mounted)
			run := "/var/run"
			if real, err := filepath.EvalSymlinks(run); err == nil {
				run = real
			}
			var got []string
			s.mu.Lock()
			for _, m := range s.mounts {
				if m.Point == consolePath {
					continue // only where there are terminals
				}
				got = append(got, strings.Join([]string{m.Point, m.Special, m.FSType, m.Options}, " "))
			}
			s.mu.Unlock()
			want := test.want(s.root + "/z/z1/root")
			for i := range want {
				want[i] = strings.Replace(want[i], "RUN", run, 1)
			}
			if !slices.Equal(got, want) {
				t.Errorf("mounts\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if len(s.addresses) != 0 {
				t.Errorf("it has addresses: %v", s.addresses)
			}
			id, err := s.Lookup("z1")
			if err != nil {
				t.Fatal(err)
			}
			raw := make([]byte, priv.SetSize)
			if _, err := s.Getattr(id, zone.AttrPrivset, raw); err != nil {
				t.Error(err)
			}
			var set priv.Set
			for i := range set {
				set[i] = binary.LittleEndian.Uint32(raw[4*i:])
			}
			if !set.Has("sys_mount") {
				t.Errorf("privileges %v: limitpriv applies to a scratch zone", set)
			}
			if reply := s.ask(zone.CommandUnmount, ""); reply != (zone.CommandReply{}) {
				t.Errorf("%+v", reply)
			}
			s.bare(t)
		})
	}
}

// text is a file of the stage.
func (s *stage) text(path string) string {
	s.Helper()
	text, err := os.ReadFile(s.root + path)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

// bare fails the test unless the zone is installed and nothing of a scratch zone is left.
func (s *stage) bare(t *testing.T) {
	t.Helper()
	s.stateIs(zonecfg.Installed)
	for _, path := range []string{s.root + "/z/z1/lu", s.root + s.run + "/z1.snapshot.xml"} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
	if _, err := s.Lookup("z1"); err == nil {
		t.Error("the kernel has the zone")
	}
}

// TestScratchFails: a scratch zone that can't be made leaves nothing, whatever a daemon that was
// killed has left, and can be mounted then.
func TestScratchFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		before func(*stage)
		after  func(*stage)
		text   string
	}{
		{"a hook", func(s *stage) { s.write(s.root+"/fail-pre-0", "", 0o644) }, func(s *stage) { os.Remove(s.root + "/fail-pre-0") }, "told by the hook\n"},
		{"the kernel", func(s *stage) { s.failing["zone_create"] = &zone.Error{Op: "zone_create", Errno: errno.ENOMEM} },
			func(s *stage) { delete(s.failing, "zone_create") }, "zone_create failed: Not enough space\n"},
		{"its memory", func(s *stage) { s.failing["/"] = errno.ENOTSUP }, func(s *stage) { delete(s.failing, "/") }, "cannot mount swap on ROOT/lu: Operation not supported\n"},
		{"its own files", func(s *stage) { s.failing["/a"] = errno.ENOENT }, func(s *stage) { delete(s.failing, "/a") }, "cannot mount ROOT/root on ROOT/lu/a: No such file or directory\n"},
		{"a file system", func(s *stage) {
			s.failing["/a/data"] = &zone.Error{Op: zone.OpMountPoint, Name: "/a/data", Errno: errno.ELOOP}
		}, func(s *stage) { delete(s.failing, "/a/data") }, "ROOT/lu/a/data is a symlink\nROOT/lu/a/data is not a valid mount point\n"},
		{"a mount of the brand", func(s *stage) { s.failing["/proc"] = errno.EPERM }, func(s *stage) { delete(s.failing, "/proc") }, "mount of /proc failed: Not owner\nunable to mount filesystems\n"},
		{"a file in its place", func(s *stage) { s.write(s.root+"/z/z1/lu", "", 0o644) }, func(s *stage) { os.Remove(s.root + "/z/z1/lu") }, "cannot create ROOT/lu/proc: Not a directory\n"},
		{"its files in use", func(s *stage) { s.other(s.root + "/z/z1/root") }, func(s *stage) { s.end("other") }, "zone root ROOT/root already in use by zone other\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", `<filesystem special="/export" directory="/data" type="lofs"/>`)
			if test.name != "a file in its place" {
				if err := os.MkdirAll(s.root+"/z/z1/lu/proc", 0o755); err != nil { // of a daemon that was killed
					t.Fatal(err)
				}
			}
			s.start()
			s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
			test.before(s)
			want := strings.ReplaceAll(test.text, "ROOT", s.root+"/z/z1")
			if reply := s.ask(zone.CommandMount, ""); reply.Result != -1 || reply.Text != want {
				t.Errorf("%+v, want %q", reply, want)
			}
			test.after(s)
			s.stateIs(zonecfg.Installed)
			if reply := s.ask(zone.CommandMount, ""); reply != (zone.CommandReply{}) {
				t.Errorf("then %+v", reply)
			}
			s.stateIs(zonecfg.Mounted)
			if reply := s.ask(zone.CommandUnmount, ""); reply != (zone.CommandReply{}) {
				t.Errorf("%+v", reply)
			}
			s.bare(t)
		})
	}
}

// other makes another zone with a root directory.
func (s *stage) other(root string) {
	s.Helper()
	if _, err := zone.Make(s.memory, &zone.Definition{Def: zone.Def{Name: "other", Root: root}}); err != nil {
		s.Fatal(err)
	}
}

// end takes a zone away.
func (s *stage) end(name string) {
	s.Helper()
	id, err := s.Lookup(name)
	if err == nil {
		err = s.Shutdown(id)
	}
	if err == nil {
		err = s.Destroy(id)
	}
	if err != nil {
		s.Error(err)
	}
}
