package guest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// the system's commands, and ours under their names, since messages begin with the name.
var system = map[string]string{"zoneadm": "/usr/sbin/zoneadm", "zonecfg": "/usr/sbin/zonecfg", "zlogin": "/usr/sbin/zlogin", "zonename": "/usr/bin/zonename"}

// needSystem skips the test where the system has no zones of its own.
func needSystem(t *testing.T, more ...testenv.Requirement) {
	t.Helper()
	testenv.Need(t, append([]testenv.Requirement{testenv.System("illumos"), testenv.File(system["zoneadm"]), ours()}, more...)...)
}

// ours is the directory of our commands.
func ours() testenv.Requirement {
	var why error
	if os.Getenv("ZONES_BIN") == "" {
		why = errors.New("ZONES_BIN is not set; ci/omnios/run.sh sets it")
	}
	return testenv.Given("our commands", why)
}

// underTheirNames returns a directory with links to our commands that have the system's names.
func underTheirNames(t *testing.T, bin string) string {
	t.Helper()
	dir := t.TempDir()
	for name := range system {
		if err := os.Symlink(filepath.Join(bin, name+"-go"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// answer is everything that a command does that a caller sees.
type answer struct {
	out, errs string
	status    int
}

func (a answer) String() string {
	return fmt.Sprintf("status %d, output:\n%s\nerrors:\n%s", a.status, a.out, a.errs)
}

// patience is how long a command may take: booting a zone takes long on an emulated machine.
const patience = 3 * time.Minute

// ask runs a command.
func ask(t *testing.T, input string, argv ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PAGER=") }), "LC_ALL=C", "PAGER=cat")
	command.WaitDelay = time.Second
	var out, errs bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v", argv, err)
	}
	return answer{out.String(), errs.String(), command.ProcessState.ExitCode()}
}

// must runs a command that has to succeed.
func must(t *testing.T, argv ...string) string {
	t.Helper()
	a := ask(t, "", argv...)
	if a.status != 0 {
		t.Fatalf("%q: %v", argv, a)
	}
	return a.out
}

// same fails if our command answers differently than the system's.
func same(t *testing.T, as string, argv ...string) {
	t.Helper()
	theirs := ask(t, "", append([]string{system[argv[0]]}, argv[1:]...)...)
	mine := ask(t, "", append([]string{filepath.Join(as, argv[0])}, argv[1:]...)...)
	if mine != theirs {
		t.Errorf("%q: the system's: %v\nours: %v", argv, theirs, mine)
	}
}

// configure makes a zone by the system's own zonecfg and removes it after the test.
func configure(t *testing.T, name, script string) {
	t.Helper()
	t.Cleanup(func() {
		if a := ask(t, "", system["zonecfg"], "-z", name, "delete", "-F"); a.status != 0 {
			t.Errorf("the zone %s is left: %v", name, a)
		}
	})
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, system["zonecfg"], "-z", name, "-f", file)
}

// report returns a file for what isn't a failure but should be read.
func report(t *testing.T, name string) *os.File {
	t.Helper()
	dir := os.Getenv("ZONES_FILES")
	if dir == "" {
		dir = t.TempDir()
	}
	file, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}
