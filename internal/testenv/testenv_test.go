package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recorder is a test that notes how it ended, instead of ending.
type recorder struct {
	testing.TB
	ended []string
}

func (r *recorder) Helper()          {}
func (r *recorder) Skip(args ...any) { r.ended = append(r.ended, "skip: "+fmt.Sprint(args...)) }
func (r *recorder) Fatalf(f string, args ...any) {
	r.ended = append(r.ended, "fail: "+fmt.Sprintf(f, args...))
}

var (
	user   = machine{uid: 1000, system: "linux", debian: true, top: "/none"}
	root   = machine{uid: 0, system: "linux", debian: true, top: "/none"}
	alpine = machine{uid: 0, system: "linux", top: "/none"}
)

func TestNeed(t *testing.T) {
	t.Parallel()
	Need(t, System("linux", "illumos", "darwin", "freebsd")) // Windows words it differently
	gone, refused := errors.New("it is gone"), errors.New("no such package")
	for _, test := range []struct {
		name    string
		m       machine
		r       Requirement
		install error
		want    string // how the test ends; empty if it runs
	}{
		{"root as root", root, Root, nil, ""},
		{"root as a user", user, Root, nil, "skip: needs root: this is user 1000; run the tests as root"},
		{"a user as root", root, User, nil, "skip: needs an ordinary user: this is root; run the tests as one"},
		{"a user", user, User, nil, ""},
		{"source", root, Source, nil, ""},
		{"without source", machine{}, Source, nil, "skip: needs the module's source: no go.mod here or above; run the tests in its tree"},
		{"a tool", user, Tool("sh"), nil, ""},
		{"no tool as a user", user, Tool("zones-none"), nil, `skip: needs zones-none: exec: "zones-none": executable file not found in $PATH; on Debian: apt-get install zones-none`},
		{"no tool as root", root, Tool("zones-none", "a", "b"), nil, `skip: needs zones-none: exec: "zones-none": executable file not found in $PATH; on Debian: apt-get install a b`},
		{"a tool that can't be installed", root, Tool("zones-none", "a"), refused, `fail: needs zones-none: exec: "zones-none": executable file not found in $PATH: no such package; on Debian: apt-get install a (this machine must have it)`},
		{"a tool on another system", alpine, Tool("zones-none", "a"), nil, `skip: needs zones-none: exec: "zones-none": executable file not found in $PATH; on Debian: apt-get install a`},
		{"a file", user, File("testenv.go"), nil, ""},
		{"no file", user, File("none.h", "libnone-dev"), nil, "skip: needs none.h: stat none.h: no such file or directory; on Debian: apt-get install libnone-dev"},
		{"the system", root, System("illumos", "linux"), nil, ""},
		{"another system", root, System("illumos", "solaris"), nil, "skip: needs illumos or solaris: this is linux"},
		{"time", root, Long, nil, ""},
		{"no time", machine{short: true}, Long, nil, "skip: needs time: -short is set; run it without -short"},
		{"no race detector", root, NoRace("slow"), nil, ""},
		{"a race detector", machine{race: true}, NoRace("slow"), nil, "skip: needs a build without the race detector: slow; run it without -race"},
		{"given", root, Given("kernel statistics", nil), nil, ""},
		{"not given", root, Given("kernel statistics", gone), nil, "skip: needs kernel statistics: it is gone"},
		{"the network", user, Network(gone), nil, "skip: needs the network: it is gone; connect the machine"},
		{"no runner", user, Runner, nil, "skip: needs illumos-run: stat /none/bin/illumos-run: no such file or directory; make illumos-run builds it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := test.m
			m.ci = test.install != nil
			m.install = func([]string) error { return test.install }
			r := &recorder{TB: t}
			m.need(r, []Requirement{test.r})
			if got := strings.Join(r.ended, "\n"); got != test.want {
				t.Errorf("the test ends with %q, want %q", got, test.want)
			}
		})
	}
}

// TestMust: under make test the same lack fails a test on the machines that must have the
// thing, and skips it on the others.
func TestMust(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	may := Given("a thing", gone)
	has := Given("a thing", gone)
	has.must = func(m machine) bool { return m.uid == 0 }
	for _, test := range []struct {
		name string
		m    machine
		r    Requirement
		want bool
	}{
		{"nobody must have it", root, may, false},
		{"root must have it", root, has, true},
		{"a user need not", user, has, false},
		{"the runner on Linux", user, Runner, true},
		{"the runner elsewhere", machine{system: "darwin"}, Runner, false},
		{"the source", machine{}, Source, true},
		{"time", machine{short: true}, Long, false},
	} {
		for _, ci := range []bool{false, true} {
			m := test.m
			m.ci = ci
			missing, must := m.missing(test.r)
			if missing == nil || must != (ci && test.want) {
				t.Errorf("%s, ci %v: %v, must %v", test.name, ci, missing, must)
			}
		}
	}
}

// TestInstall: a package is installed by root of Debian under make test only, and the
// requirement is then met.
func TestInstall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		m    machine
		ci   bool
		want bool
	}{{"root", root, true, true}, {"root without make test", root, false, false}, {"a user", user, true, false}, {"another system", alpine, true, false}} {
		path := filepath.Join(t.TempDir(), "header.h")
		var installed []string
		m := test.m
		m.ci = test.ci
		m.install = func(packages []string) error {
			installed = packages
			return os.WriteFile(path, nil, 0o600)
		}
		missing, _ := m.missing(File(path, "one", "two"))
		if (missing == nil) != test.want || slices.Equal(installed, []string{"one", "two"}) != test.want {
			t.Errorf("%s: missing %v, installed %q", test.name, missing, installed)
		}
	}
}

// TestRunnerIsStale: a runner that is older than its source isn't used.
func TestRunnerIsStale(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	source, built := filepath.Join(top, "tools/illumos-run/main.c"), filepath.Join(top, "bin/illumos-run")
	for _, path := range []string{source, built} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	stamp := func(path string, hours int) {
		if err := os.Chtimes(path, epoch, epoch.Add(hour(hours))); err != nil {
			t.Fatal(err)
		}
	}
	stamp(source, 1)
	stamp(built, 2)
	m := machine{top: top}
	if missing, _ := m.missing(Runner); missing != nil {
		t.Error(missing)
	}
	stamp(source, 3)
	if missing, _ := m.missing(Runner); missing == nil || !strings.Contains(missing.Error(), "main.c is newer") {
		t.Error(missing)
	}
}

// TestSample: with -short one case of several is tried, without it all are.
func TestSample(t *testing.T) {
	t.Parallel()
	for short, want := range map[bool]int{false: 9, true: 3} {
		tried := 0
		for i := range 9 {
			if (machine{short: short}).sample(i, 4) {
				tried++
			}
		}
		if tried != want {
			t.Errorf("short %v: %d of 9 cases, want %d", short, tried, want)
		}
	}
}

// TestHas: the answer for scripts agrees with Need.
func TestHas(t *testing.T) {
	t.Parallel()
	if ok, err := Has(Given("nothing", nil)); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := Has(Given("a thing", errors.New("gone"))); ok || err != nil {
		t.Error(ok, err)
	}
}

func TestTop(t *testing.T) {
	t.Parallel()
	Need(t, Source)
	if _, err := os.Stat(filepath.Join(Top(), "internal/testenv/testenv_test.go")); err != nil {
		t.Error(err)
	}
}
