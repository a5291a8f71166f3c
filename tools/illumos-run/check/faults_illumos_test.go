package check

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/errno"
)

// TestFaults: the call that is meant fails, no other does, and it has no effect.
func TestFaults(t *testing.T) {
	faults.Need(t)
	dir := t.TempDir()
	make3 := func() error {
		for _, name := range []string{"1", "2", "3"} {
			if err := unix.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
				return err
			}
			if err := unix.Access(dir, unix.R_OK); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range []struct {
		name   string
		fault  faults.Fault
		failed string
		made   []string
	}{
		{"first", faults.Fault{}, "mkdir", nil},
		{"second", faults.Fault{Call: 2}, "access", []string{"1"}},
		{"by name", faults.Fault{Call: 2, Of: []string{"mkdir"}}, "mkdir", []string{"1"}},
		{"one of two names", faults.Fault{Call: 2, Of: []string{"acces", "mkdirat", "access"}, Errno: errno.EXDEV}, "access", []string{"1", "2"}},
		{"any thread", faults.Fault{Call: 3, Of: []string{"mkdir"}, Any: true}, "mkdir", []string{"1", "2"}},
		{"no such call", faults.Fault{Call: 4, Of: []string{"mkdir"}}, "", []string{"1", "2", "3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, err := c.fault.Do(t, make3)
			if failed != c.failed || (err == nil) != (failed == "") || err != nil && !c.fault.Is(err) {
				t.Errorf("%q failed: %v", failed, err)
			}
			var made []string
			entries, _ := os.ReadDir(dir)
			for _, e := range entries {
				made = append(made, e.Name())
				os.Remove(filepath.Join(dir, e.Name()))
			}
			if !slices.Equal(made, c.made) {
				t.Errorf("made were %v", made)
			}
		})
	}
	several := faults.Fault{Of: []string{"access"}, Call: 2, Count: 2}
	var got []bool
	several.Do(t, func() error {
		for range 4 {
			got = append(got, unix.Access(dir, unix.R_OK) == nil)
		}
		return nil
	})
	if !slices.Equal(got, []bool{true, false, false, true}) {
		t.Errorf("two calls fail: %v", got)
	}
	// Another thread isn't meant.
	other, err := faults.Fault{Of: []string{"access"}}.Do(t, func() error {
		done := make(chan error)
		go func() { done <- unix.Access(dir, unix.R_OK) }()
		return <-done
	})
	if other != "" || err != nil {
		t.Errorf("another thread's %s failed: %v", other, err)
	}
}

// TestChildFaults: a program gets its fault by the environment.
func TestChildFaults(t *testing.T) {
	const dir = "TEST_FAULT_DIR"
	if path := os.Getenv(dir); path != "" {
		if err := unix.Mkdir(path, 0o700); !errors.Is(err, unix.EDOM) {
			os.Exit(1)
		}
		os.Exit(0)
	}
	faults.Need(t) // which ends what the environment asks for
	variable, failed := faults.Fault{Of: []string{"mkdir"}}.Child(t)
	again := exec.Command(os.Args[0], "-test.run=^TestChildFaults$")
	again.Env = append(os.Environ(), variable, dir+"="+filepath.Join(t.TempDir(), "x"))
	if said, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	if got := failed(); got != "mkdir" {
		t.Errorf("%q failed", got)
	}
	if got := failed(); got != "" {
		t.Errorf("%q failed again", got)
	}
}
