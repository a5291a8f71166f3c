package linuxhost

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// TestHalfPty: a terminal whose second side can't be opened, since it would be one descriptor too
// many, leaves nothing open, and closes nothing else.
func TestHalfPty(t *testing.T) { // not parallel: it limits the process
	file, err := os.OpenFile("/dev/pts/ptmx", os.O_RDWR, 0)
	testenv.Need(t, testenv.Given("a terminal of this user", err))
	file.Close()
	before := descriptorsOf(t, os.Getpid())
	lowest, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(lowest)
	var usual unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &usual); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(lowest) + 1, Max: usual.Max}); err != nil {
		t.Fatal(err)
	}
	_, _, err = openPty(&program{})
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &usual); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, unix.EMFILE) {
		t.Errorf("%v", err)
	}
	if after := descriptorsOf(t, os.Getpid()); len(after) != len(before) {
		t.Errorf("%q were open, then %q", before, after)
	}
	if _, err := unix.FcntlInt(0, unix.F_GETFD, 0); err != nil {
		t.Errorf("the standard input: %v", err)
	}
}
