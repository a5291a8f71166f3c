package secflags

import (
	"errors"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
)

// TestChangeNative changes the flags of this process in an embedded kernel, which answers
// the system calls.
func TestChangeNative(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	const aslr, noexecstack Set = 1, 4
	for _, step := range []struct {
		what  string
		which Which
		delta Delta
		want  error
	}{
		{"add below", Lower, Delta{Add: aslr}, nil},
		{"remove what is below", Inherit, Delta{Remove: aslr}, errno.EINVAL},
		{"assign without what is below", Inherit, Delta{Assigns: true, Assign: noexecstack}, errno.EINVAL},
		{"assign with it", Inherit, Delta{Assigns: true, Assign: aslr | noexecstack}, nil},
		{"remove from above", Upper, Delta{Remove: 2}, nil},
		{"add what isn't above", Inherit, Delta{Add: 2}, errno.EINVAL},
		{"the effective set", Effective, Delta{Add: aslr}, errno.EINVAL},
	} {
		if err := Change(ByPID, Self, step.which, step.delta); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.what, err, step.want)
		}
	}
	if err := Change(ByPID, 1<<30, Inherit, Delta{Add: aslr}); !errors.Is(err, errno.ESRCH) {
		t.Errorf("a process that isn't there: %v", err)
	}
}
