package linuxhost

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/priv"
)

var update = flag.Bool("update", false, "write the golden files")

// allCaps are the capabilities of a zone with every privilege.
var allCaps = capsOf(priv.Full(), false)

// listed is the table of an architecture: a line for each call, with what happens to it.
func listed(t *testing.T, a *arch.Info) string {
	t.Helper()
	rules, err := systemCalls(a, allCaps)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for name, number := range a.SyscallNames {
		what := "EPERM"
		if r := rules[number]; r != nil {
			switch {
			case r.always():
				what = "allowed"
			case len(r.allowed) > 0:
				what = "by its arguments, or " + unix.ErrnoName(r.errno)
			default:
				what = unix.ErrnoName(r.errno)
			}
		}
		lines = append(lines, fmt.Sprintf("%s: %s\n", name, what))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// TestSystemCalls: the calls that a zone with every privilege may make, on each
// architecture that this project is built for.
func TestSystemCalls(t *testing.T) {
	t.Parallel()
	for _, a := range []*arch.Info{arch.X86_64, arch.I386, arch.ARM, arch.AARCH64} {
		got := listed(t, a)
		golden := filepath.Join("testdata", "calls-"+strings.ToLower(a.Name))
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: the calls differ from %s; -update writes it", a.Name, golden)
		}
		for _, name := range append([]string{"mount", "umount2", "pivot_root", "unshare", "setns", "bpf", "perf_event_open", "keyctl", "init_module", "kexec_load", "settimeofday", "swapon", "syslog"}, closed...) {
			if strings.Contains(got, "\n"+name+": allowed") {
				t.Errorf("%s: %s is allowed", a.Name, name)
			}
		}
		for _, name := range []string{"read", "execve", "clone: by its arguments", "socket: by its arguments", "clone3: ENOSYS", "chroot", "reboot"} {
			if !strings.Contains(got, "\n"+name) || strings.Contains(got, "\n"+name+": EPERM") {
				t.Errorf("%s: %s is missing", a.Name, name)
			}
		}
	}
}

// TestSystemCallsInside walks every number from inside a zone. What Linux answers is what
// the rules say; calls above the highest number that is known here are absent.
func TestSystemCallsInside(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("calls")
	native, err := arch.GetInfo("")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := systemCalls(native, allCaps)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for n := range int(highest(native)) + 1 {
		if slices.Contains(probes, n) {
			continue
		}
		// With arguments that are all zero: an unspecified family of sockets, a personality
		// of 0, and clone without flags are allowed.
		switch r := rules[n]; {
		case r == nil:
			fmt.Fprintln(&want, n, "EPERM")
		case len(r.allowed) == 0:
			fmt.Fprintln(&want, n, unix.ErrnoName(r.errno))
		default:
			fmt.Fprintln(&want, n, "allowed")
		}
	}
	for n := highest(native) + 1; n < highest(native)+20; n++ {
		fmt.Fprintln(&want, n, "ENOSYS")
	}
	fmt.Fprintf(&want, "x32 %s\n", "ENOSYS")
	for _, s := range []string{
		"unix true", "inet true", "inet6 true", "netlink route true", "netlink audit EPROTONOSUPPORT", "netlink uevent EPROTONOSUPPORT",
		"packet true", "vsock EPROTONOSUPPORT", "alg EPROTONOSUPPORT", "huge EPROTONOSUPPORT",
	} {
		fmt.Fprintln(&want, "socket", s)
	}
	if out := m.attack(id, root, "calls"); out != want.String() {
		t.Errorf("differences:\n%s", differing(out, want.String()))
	}
	m.halt(id)
	m.leftovers("calls")
}

// differing returns the lines of two texts that aren't in both.
func differing(got, want string) string {
	var text strings.Builder
	for line := range strings.Lines(got) {
		if !strings.Contains("\n"+want, "\n"+line) {
			text.WriteString("got  " + line)
		}
	}
	for line := range strings.Lines(want) {
		if !strings.Contains("\n"+got, "\n"+line) {
			text.WriteString("want " + line)
		}
	}
	return text.String()
}
