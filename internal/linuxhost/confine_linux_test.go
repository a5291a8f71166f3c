package linuxhost

import (
	"slices"
	"testing"

	"github.com/elastic/go-seccomp-bpf/arch"
)

// TestRefused: on each architecture that this project is built for, a zone is refused the
// calls of the list that exist there, and those alone: no filter can be made with others. A
// name that no architecture has is misspelled.
func TestRefused(t *testing.T) {
	t.Parallel()
	var all []string
	for _, test := range []struct {
		arch                *arch.Info
		old32, time64, port bool // has umount(2) with one argument, 64-bit times by other names, x86's ports
	}{
		{arch.X86_64, false, false, true},
		{arch.I386, true, true, true},
		{arch.ARM, false, true, false},
		{arch.AARCH64, false, false, false},
	} {
		got := refusedOn(test.arch)
		all = append(all, got...)
		for name, want := range map[string]bool{
			"mount": true, "umount2": true, "setns": true, "bpf": true, "clock_settime": true,
			"umount": test.old32, "stime": test.old32, "iopl": test.port, "ioperm": test.port,
		} {
			if slices.Contains(got, name) != want {
				t.Errorf("%s on %s: refused is %v", name, test.arch.Name, !want)
			}
		}
		if test.time64 && !slices.Contains(got, "clock_settime64") {
			t.Errorf("clock_settime64 on %s isn't refused", test.arch.Name)
		}
		for _, name := range got {
			if _, has := test.arch.SyscallNames[name]; !has {
				t.Errorf("%s has no %s", test.arch.Name, name)
			}
		}
	}
	for _, name := range refused {
		if !slices.Contains(all, name) {
			t.Errorf("no architecture has %s", name)
		}
	}
}
