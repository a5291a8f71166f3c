// Package testenv is the one place where tests say what they need of the machine:
//
//	testenv.Need(t, testenv.Root, testenv.Tool("tmux"))
//
// Where something is missing the test is skipped, with one line that says what it is, why
// it isn't here and how to get it. Under make test, which sets $ZONES_CI, missing tools are
// installed if that is possible, and what this kind of machine must have fails the test.
package testenv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// A Requirement is something that a test can't do without.
type Requirement struct {
	name string
	get  string              // how to get it
	lack func(machine) error // why it isn't here; nil if it is
	must func(machine) bool  // reports whether this kind of machine has it; nil if any may lack it
	from []string            // the Debian packages that have it
}

// machine is what requirements ask about. Tests of this package make up their own.
type machine struct {
	ci     bool // run by make test
	short  bool
	uid    int
	system string // GOOS
	debian bool
	race   bool
	top    string // the module's directory; empty without its source
	// install installs Debian packages.
	install func(packages []string) error
}

// here is the machine of this process.
var here = sync.OnceValue(func() machine {
	_, err := os.Stat("/etc/debian_version")
	m := machine{
		ci: os.Getenv("ZONES_CI") != "", short: testing.Short(), uid: os.Geteuid(),
		system: runtime.GOOS, debian: err == nil && runtime.GOOS == "linux", race: race, top: top(),
	}
	m.install = func(packages []string) error {
		out, err := exec.Command(filepath.Join(m.top, "ci/need.sh"), packages...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out)))
		}
		return nil
	}
	return m
})

// top returns the directory of the module above the current one.
func top() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		break
	}
	return ""
}

// MemoryDir returns a directory that is removed after the test, in memory if this system
// has /dev/shm: what syncs its files often is slow on a busy disk.
func MemoryDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "zones-test")
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	return dir
}

// Need skips the test unless everything is here; it fails the test instead if make test
// runs it and this kind of machine has what is missing.
func Need(tb testing.TB, requirements ...Requirement) {
	tb.Helper()
	here().need(tb, requirements)
}

// Has is Need for those who skip by themselves. Its error is not nil where Need would fail
// the test.
func Has(r Requirement) (bool, error) {
	missing, must := here().missing(r)
	if missing != nil && must {
		return false, missing
	}
	return missing == nil, nil
}

func (m machine) need(tb testing.TB, requirements []Requirement) {
	tb.Helper()
	for _, r := range requirements {
		missing, must := m.missing(r)
		switch {
		case missing == nil:
		case must:
			tb.Fatalf("%v (this machine must have it)", missing)
		default:
			tb.Skip(missing)
		}
	}
}

// missing says why a requirement isn't met, and whether that is a failure.
func (m machine) missing(r Requirement) (reason error, must bool) {
	err := r.lack(m)
	if err == nil {
		return nil, false
	}
	if m.ci && m.installs() && len(r.from) > 0 {
		if failed := m.install(r.from); failed != nil {
			err = errors.Join(err, failed)
		} else if err = r.lack(m); err == nil {
			return nil, false
		}
	}
	text := fmt.Sprintf("needs %s: %v", r.name, err)
	if r.get != "" {
		text += "; " + r.get
	}
	return errors.New(strings.ReplaceAll(text, "\n", ": ")), m.ci && r.must != nil && r.must(m)
}

// installs reports whether ci/need.sh can install packages.
func (m machine) installs() bool { return m.debian && m.uid == 0 && m.top != "" }

func always(machine) bool { return true }
