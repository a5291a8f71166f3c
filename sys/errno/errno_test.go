package errno

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/abitest"
)

// TestABI compares every number with the headers, in both directions.
func TestABI(t *testing.T) {
	t.Parallel()
	header := abitest.Constants(t, "errno")
	seen := 0
	for name, number := range header {
		if strings.HasPrefix(name, "ETHER") || name == "EMPTY" || name == "EXTA" || name == "EXTB" ||
			name == "ECHO" || strings.HasPrefix(name, "ECHO") {
			continue // matched the pattern of abi.json's collector, but is from another header
		}
		seen++
		if got, ok := Parse(name); !ok || int64(got) != number {
			t.Errorf("%s = %d, %v; the header has %d", name, got, ok, number)
		}
	}
	if seen < 120 {
		t.Fatalf("only %d numbers in abi.json", seen)
	}
	for i := range table {
		if n := table[i].name; n != "" && int(header[n]) != i {
			t.Errorf("%s is %d here, %d in the header", n, i, header[n])
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	wrapped := fmt.Errorf("zone web: %w", ENOENT)
	if !errors.Is(wrapped, syscall.ENOENT) || !errors.Is(wrapped, ENOENT) || errors.Is(wrapped, syscall.EBUSY) {
		t.Error("errors.Is does not match the host's number by name")
	}
	if !errors.Is(ELOOP, syscall.ELOOP) { // 90 on illumos, 40 on Linux
		t.Error("ELOOP differs from the host's ELOOP")
	}
	if e, ok := Of(fmt.Errorf("x: %w", syscall.ETIMEDOUT)); !ok || e != ETIMEDOUT {
		t.Errorf("Of(ETIMEDOUT) = %v, %v", e, ok)
	}
	if _, ok := Of(errors.New("plain")); ok {
		t.Error("Of found a number in a plain error")
	}
	if got := Errno(-1).Error(); got != "Error -1" {
		t.Errorf("Errno(-1) = %q", got)
	}
	if got := Errno(75).Name(); got != "75" {
		t.Errorf("Errno(75).Name() = %q", got)
	}
}

// TestStandardErrors: the standard library's error values match the numbers.
func TestStandardErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		word error
		of   []Errno
	}{
		{fs.ErrNotExist, []Errno{ENOENT}},
		{fs.ErrExist, []Errno{EEXIST, ENOTEMPTY}},
		{fs.ErrPermission, []Errno{EACCES, EPERM}},
		{errors.ErrUnsupported, []Errno{ENOSYS, ENOTSUP}},
	} {
		for _, e := range []Errno{ENOENT, EEXIST, ENOTEMPTY, EACCES, EPERM, ENOSYS, ENOTSUP, EINVAL} {
			if got, want := errors.Is(e, test.word), slices.Contains(test.of, e); got != want {
				t.Errorf("errors.Is(%s, %v) is %v", e.Name(), test.word, got)
			}
		}
	}
}

func ExampleErrno() {
	err := fmt.Errorf("zone_boot web: %w", EINVAL)
	fmt.Println(err, EINVAL.Name(), errors.Is(err, syscall.EINVAL))
	// Output: zone_boot web: Invalid argument EINVAL true
}
