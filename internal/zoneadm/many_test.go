package zoneadm

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestMany runs subcommands for several zones: a and b are installed, r runs, c is
// configured; b and r have autoboot=true.
func TestMany(t *testing.T) {
	t.Parallel()
	const only = "zoneadm: list takes one zone: --all and several -z are for boot, halt, ready, reboot, shutdown and verify"
	for _, test := range []struct {
		name, line string
		status     int
		out, errs  []string // sorted
		asked      []string // sorted
	}{
		{"two names", "-z b -z a boot -- -m verbose", 0, []string{"a: boot: done", "b: boot: done"}, nil,
			[]string{`a boot "-m verbose"`, `b boot "-m verbose"`}},
		{"one of them unknown", "-z a -z nosuch boot", 1, []string{"a: boot: done", "nosuch: boot: failed (exit status 1)"},
			[]string{"zoneadm: nosuch: No such zone configured"}, []string{`a boot ""`}},
		{"one in the wrong state", "-z a -z c boot", 1, []string{"a: boot: done", "c: boot: failed (exit status 1)"},
			[]string{"zoneadm: zone 'c': must be installed before boot."}, []string{`a boot ""`}},
		{"wrong words", "-z a -z b halt now", 2, []string{"a: halt: failed (exit status 2)", "b: halt: failed (exit status 2)"}, nil, nil},
		{"all", "--all boot", 0, []string{"a: boot: done", "b: boot: done"}, nil, []string{`a boot ""`, `b boot ""`}},
		{"all, behind the subcommand", "shutdown --all", 0, []string{"r: shutdown: done"}, nil, []string{`r shutdown ""`}},
		{"halt of all", "halt --all", 0, []string{"r: halt: done"}, nil, []string{`r halt ""`}},
		{"reboot of all", "reboot --all", 0, []string{"r: reboot: done"}, nil, []string{`r reboot ""`}},
		{"autoboot", "boot --autoboot", 0, []string{"b: boot: done"}, nil, []string{`b boot ""`}},
		{"all and a name", "-z a boot --all", 2, nil, []string{"zoneadm: zone 'a': --all and --autoboot select zones themselves: leave out -z"}, nil},
		{"a subcommand for one zone", "--all list", 2, nil, []string{only}, nil},
		{"an operand named like the option", "-z r reboot -- --all", 0, nil, nil, []string{`r reboot "--all"`}},
		{"autoboot of another subcommand", "halt --autoboot", 2, nil, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			for _, z := range [][2]string{{"a", "installed"}, {"b", "installed"}, {"r", "running"}, {"c", "configured"}} {
				b.zone(z[0], z[1])
			}
			for _, name := range []string{"b", "r"} {
				config, err := b.Store.Load(name)
				if err != nil {
					t.Fatal(err)
				}
				config.Autoboot = true
				if err := b.Store.Save(config); err != nil {
					t.Fatal(err)
				}
			}
			status, out, errs := b.do(test.line)
			slices.Sort(out)
			slices.Sort(b.asked)
			if status != test.status || !slices.Equal(out, test.out) || !slices.Equal(b.asked, test.asked) {
				t.Errorf("%s: status %d, %q, asked %q", test.line, status, out, b.asked)
			}
			if test.errs != nil && !slices.Equal(errs, test.errs) {
				t.Errorf("%s: %q", test.line, errs)
			}
		})
	}
	t.Run("no zone at all", func(t *testing.T) {
		b := newBench(t)
		if status, out, errs := b.do("boot --autoboot"); status != 0 || out != nil || errs != nil {
			t.Errorf("status %d, %q, %q", status, out, errs)
		}
	})
}

// meeting is a daemon that answers a request when as many have come as are expected.
type meeting struct {
	answering
	expected int

	mu   sync.Mutex // guards came
	came int
	all  chan struct{} // closed when all have come
}

func (m *meeting) Request(string, zone.CommandRequest) (zone.CommandReply, error) {
	m.mu.Lock()
	if m.came++; m.came == m.expected {
		close(m.all)
	}
	m.mu.Unlock()
	select {
	case <-m.all:
		return zone.CommandReply{}, nil
	case <-time.After(30 * time.Second):
		return zone.CommandReply{}, errno.ETIMEDOUT
	}
}

// TestManyOverlap: the requests of ten zones are under way at the same time.
func TestManyOverlap(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"boot", "ready"} {
		b := newBench(t)
		b.Daemon = &meeting{expected: 10, all: make(chan struct{})}
		for i := range 10 {
			b.zone(fmt.Sprintf("z%d", i), "installed")
		}
		status, out, errs := b.do(verb + " --all")
		if status != ExitOK || len(out) != 10 || errs != nil || slices.ContainsFunc(out, func(line string) bool { return !strings.HasSuffix(line, ": done") }) {
			t.Errorf("%s: status %d, %q, %q", verb, status, out, errs)
		}
	}
}
