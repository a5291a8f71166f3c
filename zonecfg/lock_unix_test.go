//go:build unix

package zonecfg

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLockIsTheSystems: while a change is under way, another process can't have the
// record lock of fcntl that the system's tools ask for, and can afterwards.
func TestLockIsTheSystems(t *testing.T) {
	if path := os.Getenv("ZONECFG_LOCK"); path != "" {
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		ok(t, err)
		if err := unix.FcntlFlock(file.Fd(), unix.F_SETLK, &unix.Flock_t{Type: unix.F_WRLCK}); err != nil {
			t.Fatalf("it is taken: %v", err)
		}
		return
	}
	s := newStore(t, "")
	another := func() error {
		program, err := os.Executable()
		ok(t, err)
		c := exec.Command(program, "-test.run=^TestLockIsTheSystems$")
		c.Env = append(os.Environ(), "ZONECFG_LOCK="+s.root+s.run+"/index.lock")
		out, err := c.CombinedOutput()
		if err != nil && !strings.Contains(string(out), "it is taken") {
			t.Fatalf("%v\n%s", err, out)
		}
		return err
	}
	unlock, err := s.lock()
	ok(t, err)
	if another() == nil {
		t.Error("another process has the lock too")
	}
	ok(t, unlock())
	ok(t, another())
}

// TestLockFails: without the lock nothing changes, and the next one who asks isn't kept
// waiting.
func TestLockFails(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]func(run string) error{
		"a file in the directory's place": func(run string) error { return os.WriteFile(run, nil, 0o600) },
		"a directory in the file's place": func(run string) error { return os.MkdirAll(run+"/index.lock", 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, "")
			run := s.root + s.run
			ok(t, os.MkdirAll(filepath.Dir(run), 0o755))
			ok(t, bad(run))
			before := tree(t, s)
			for range 2 {
				is(t, s.Create(web(s), false), ErrLockingIndex)
			}
			if after := tree(t, s); after != before {
				t.Errorf("then there is %q", after)
			}
			ok(t, os.RemoveAll(run))
			ok(t, s.Create(web(s), false))
		})
	}
}
