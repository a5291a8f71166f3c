//go:build unix

package posix

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain is also the other process: it takes a lock, prints that, and holds the lock
// until its standard input is closed.
func TestMain(m *testing.M) {
	if path := os.Getenv("ZONES_TEST_LOCK"); path != "" {
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err == nil {
			lock := LockExclusive
			if os.Getenv("ZONES_TEST_SHARED") != "" {
				lock = LockShared
			}
			err = lock(file)
		}
		fmt.Println(err)
		bufio.NewReader(os.Stdin).ReadString('\n')
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestLocks: a lock excludes another process's by the kind of both, and the whole file, also
// what is written behind its end later.
func TestLocks(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		shared string // not empty: the other process's lock is shared
		kind   int16
		free   bool
	}{
		{"exclusive beside exclusive", "", unix.F_WRLCK, false},
		{"shared beside exclusive", "", unix.F_RDLCK, false},
		{"exclusive beside shared", "1", unix.F_WRLCK, false},
		{"shared beside shared", "1", unix.F_RDLCK, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "lock")
			file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			other := exec.Command(self)
			other.Env = append(os.Environ(), "ZONES_TEST_LOCK="+path, "ZONES_TEST_SHARED="+test.shared, "GORACE=atexit_sleep_ms=0")
			in, err := other.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := other.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := other.Start(); err != nil {
				t.Fatal(err)
			}
			if said, _ := bufio.NewReader(out).ReadString('\n'); said != "<nil>\n" {
				t.Errorf("the other process: %s", said)
			}
			for _, at := range []int64{0, 1 << 30} {
				err := unix.FcntlFlock(file.Fd(), unix.F_SETLK, &unix.Flock_t{Type: test.kind, Start: at, Len: 1})
				if (err == nil) != test.free {
					t.Errorf("byte %d while it is locked: %v", at, err)
				}
			}
			if pid, held, err := LockOwner(file); err != nil || !held || pid != other.Process.Pid {
				t.Errorf("the owner is %d, %v, %v, want %d", pid, held, err, other.Process.Pid)
			}
			in.Close()
			if err := LockExclusive(file); err != nil { // waits for the other process to exit
				t.Error(err)
			}
			other.Wait()
			if pid, held, err := LockOwner(file); err != nil || held {
				t.Errorf("the owner is %d, %v, %v, want none", pid, held, err)
			}
		})
	}
}
