package testenv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Root is the user who may do everything.
var Root = Requirement{
	name: "root", get: "run the tests as root",
	lack: func(m machine) error {
		if m.uid != 0 {
			return fmt.Errorf("this is user %d", m.uid)
		}
		return nil
	},
}

// User is any other user.
var User = Requirement{
	name: "an ordinary user", get: "run the tests as one",
	lack: func(m machine) error {
		if m.uid == 0 {
			return errors.New("this is root")
		}
		return nil
	},
}

// Source is the source of this module: a compiled test may have been copied.
var Source = Requirement{
	name: "the module's source", get: "run the tests in its tree", must: always,
	lack: func(m machine) error {
		if m.top == "" {
			return errors.New("no go.mod here or above")
		}
		return nil
	},
}

// Top returns the directory of the module, for tests that need Source.
func Top() string { return here().top }

// Runner is illumos-run, which make illumos-run builds at RunnerPath.
var Runner = Requirement{
	name: "illumos-run", get: "make illumos-run builds it",
	must: func(m machine) bool { return m.system == "linux" },
	lack: func(m machine) error {
		built, err := os.Stat(m.runner())
		if err != nil {
			return err
		}
		sources, err := filepath.Glob(filepath.Join(m.top, "tools/illumos-run/*.[ch]"))
		if err != nil {
			return err
		}
		for _, path := range sources {
			if source, err := os.Stat(path); err != nil || source.ModTime().After(built.ModTime()) {
				return fmt.Errorf("%s is newer than %s", path, m.runner())
			}
		}
		return nil
	},
}

// RunnerPath returns the path of illumos-run.
func RunnerPath() string { return here().runner() }

func (m machine) runner() string { return filepath.Join(m.top, "bin/illumos-run") }

// Embedded is an embedded kernel that answers the system calls of an illumos build, so that
// zones are only in its memory. $ZONES_EMBEDDED says of which build: plain or labels.
var Embedded = Requirement{
	name: "an embedded kernel under the system calls", get: "make check-illumos-zones runs the test with one", must: always,
	lack: func(machine) error {
		if os.Getenv("ZONES_EMBEDDED") == "" {
			return errors.New("ZONES_EMBEDDED is not set")
		}
		return nil
	},
}

// NoRace is a build without the race detector; why says what is too slow with it.
func NoRace(why string) Requirement {
	return Requirement{
		name: "a build without the race detector", get: "run it without -race",
		lack: func(m machine) error {
			if m.race {
				return errors.New(why)
			}
			return nil
		},
	}
}

// Long is the time that a test takes which boots zones, builds programs, or tries thousands
// of cases.
var Long = Requirement{
	name: "time", get: "run it without -short",
	lack: func(m machine) error {
		if m.short {
			return errors.New("-short is set")
		}
		return nil
	},
}

// Sample is for loops over thousands of cases: with -short only one in every counts.
func Sample(i, every int) bool { return here().sample(i, every) }

func (m machine) sample(i, every int) bool { return !m.short || i%every == 0 }

// Word64 is an architecture with pointers of 64 bits, whose layouts of structures are those
// of 64-bit illumos. Only such programs use them.
var Word64 = Requirement{
	name: "a 64-bit architecture",
	lack: func(machine) error {
		if strconv.IntSize != 64 {
			return fmt.Errorf("this has %d bits", strconv.IntSize)
		}
		return nil
	},
}

// System is one of several operating systems, by their GOOS.
func System(systems ...string) Requirement {
	return Requirement{
		name: strings.Join(systems, " or "),
		lack: func(m machine) error {
			if !slices.Contains(systems, m.system) {
				return errors.New("this is " + m.system)
			}
			return nil
		},
	}
}

// Tool is a program in $PATH; packages are the Debian packages that have it, by default one
// of the same name.
func Tool(name string, packages ...string) Requirement {
	if packages == nil {
		packages = []string{filepath.Base(name)}
	}
	return debian(name, packages, func() error {
		_, err := exec.LookPath(name)
		return err
	})
}

// File is a file of some Debian packages, for example a library's header.
func File(path string, packages ...string) Requirement {
	return debian(path, packages, func() error {
		_, err := os.Stat(path)
		return err
	})
}

func debian(name string, packages []string, lack func() error) Requirement {
	return Requirement{
		name: name, get: "on Debian: apt-get install " + strings.Join(packages, " "), from: packages,
		must: machine.installs, lack: func(machine) error { return lack() },
	}
}

// Given is something that the test has looked for by itself: why is what it met, nil if the
// thing is here. Any machine may lack it.
func Given(name string, why error) Requirement {
	return Requirement{name: name, lack: func(machine) error { return why }}
}

// Network is the Internet; why is the failure that the test met.
func Network(why error) Requirement {
	r := Given("the network", why)
	r.get = "connect the machine"
	return r
}

// Namespaces are those of the kernel for zones that a user with this ID makes; why is the
// failure that the test met. A kernel whose settings allow them must give them.
func Namespaces(uid int, why error) Requirement {
	r := Given(fmt.Sprintf("namespaces for user %d", uid), why)
	r.get = "sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns decide"
	r.must = func(machine) bool { return namespacesAllowed("/proc", uid) }
	return r
}

// Ptrace is the permission to trace a child; why is what the test met. Only a filter of
// system calls or the Yama module takes it away.
func Ptrace(why error) Requirement {
	r := Given("ptrace", why)
	r.get = "sysctl kernel.yama.ptrace_scope=1, outside of a container"
	r.must = func(machine) bool { return ptraceAllowed("/proc") }
	return r
}

// Cgroup is a writable controller of control groups; why is what the test met. It must be
// there if root has it mounted.
func Cgroup(controller string, why error) Requirement {
	r := Given("control groups with the controller "+controller, why)
	r.get = "mount cgroup or cgroup2 writable"
	r.must = func(m machine) bool { return m.uid == 0 && cgroupMounted("/proc/self/mounts", controller) }
	return r
}

// Debian is a thing that the test gets from Debian's packages by itself; why is what it met.
// Root of Debian must have it.
func Debian(name string, why error) Requirement {
	r := Given(name, why)
	r.get = "on Debian, with its archive in reach, root gets it"
	r.must = machine.installs
	return r
}
