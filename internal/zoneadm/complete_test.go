package zoneadm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/zone"
)

// completed are zones in each state.
func completed(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	for _, z := range []string{"configured", "incomplete", "installed", "ready", "running", "down"} {
		b.zone(z[:3], z)
	}
	return b
}

func TestComplete(t *testing.T) {
	b := completed(t)
	all := []string{"con", "inc", "ins", "rea", "run", "dow"}
	several := []string{"boot", "halt", "ready", "shutdown", "reboot", "verify"}
	for _, test := range []struct {
		name, line string
		word       string
		want       []string
		files      bool
	}{
		{"zones", "-z", "", all, false},
		{"zones that aren't named yet", "-z con -z", "", all[1:], false},
		{"zones behind another letter", "-R / -z", "", all, false},
		{"a root", "-R", "", nil, true},
		{"nothing", "", "", []string{"help", "boot", "halt", "ready", "shutdown", "reboot", "list", "verify", "host"}, false},
		{"options first", "", "-", []string{"-z", "-u", "-R", "--json", "--all", "--help", "--version"}, false},
		{"options beside a zone", "-z con", "--", []string{"-z", "-u", "-R", "--json"}, false},
		{"configured", "-z con", "", []string{"help", "list", "verify", "install", "clone", "attach", "mark", "holds", "host"}, false},
		{"incomplete", "-z inc", "", []string{"help", "list", "uninstall", "mark", "holds", "host"}, false},
		{"installed", "-z ins", "", []string{"help", "boot", "ready", "list", "verify", "uninstall", "move", "detach", "mark", "holds", "host"}, false},
		{"ready", "-z rea", "", []string{"help", "boot", "halt", "list", "verify", "holds", "host"}, false},
		{"running", "-z run", "", []string{"help", "halt", "shutdown", "reboot", "list", "verify", "holds", "host"}, false},
		{"down", "-z dow", "", []string{"help", "halt", "list", "holds", "host"}, false},
		{"the global zone", "-z global", "", []string{"help", "list", "host"}, false},
		{"an unknown zone", "-z none", "", Verbs(), false},
		{"a UUID", "-u " + usualID, "", []string{"help", "list", "uninstall", "mark", "holds", "host"}, false}, // the first with it
		{"several zones", "-z con -z run", "", several, false},
		{"all zones", "--all", "", several, false},
		{"options of boot", "-z ins boot", "-", []string{"-f", "-s", "--trace"}, false},
		{"options of boot for any", "boot", "-", []string{"-f", "-s", "--trace", "--all", "--autoboot"}, false},
		{"options of boot for all", "--all boot", "-", []string{"-f", "-s", "--trace"}, false},
		{"boot arguments", "-z ins boot --", "-", nil, false},
		{"a trace", "-z ins boot --trace", "", nil, true},
		{"options of list", "list", "-", []string{"-c", "-i", "-n", "-p", "-v", "--json"}, false},
		{"options of host", "host", "--", []string{"--json"}, false},
		{"options of halt", "halt", "--", []string{"--trace", "--all"}, false},
		{"options of install", "-z con install", "-", []string{"-a", "-u", "--dry-run"}, false},
		{"an archive", "-z con install -a", "", nil, true},
		{"a state", "-z ins mark", "", []string{"incomplete"}, false},
		{"a forced state", "-z ins mark -F", "", []string{"configured", "incomplete", "installed"}, false},
		{"a second state", "-z ins mark incomplete", "", nil, false},
		{"zones to clone", "-z con clone", "", []string{"ins", "rea", "run", "dow"}, false},
		{"a method to clone", "-z con clone -m", "", []string{"copy"}, false},
		{"a second zone to clone", "-z con clone ins", "", nil, false},
		{"a snapshot", "-z con clone -s", "", nil, false},
		{"a manifest", "-z con attach -n", "", nil, true},
		{"nothing for attach", "-z con attach", "", nil, false},
		{"a directory", "-z ins move", "", nil, true},
		{"help", "help", "", Verbs(), false},
		{"nothing for halt", "-z run halt", "", nil, false},
		{"an unknown subcommand", "-z run bott", "", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			words, files := b.Complete(strings.Fields(test.line), test.word)
			if !slices.Equal(words, test.want) || files != test.files {
				t.Errorf("%q, %v, want %q", words, files, test.want)
			}
		})
	}
	if b.err.Len() > 0 || b.out.Len() > 0 {
		t.Errorf("printed %s%s", &b.out, &b.err)
	}
	if !slices.Contains(Verbs(), "host") || slices.Contains(Verbs(), "sysboot") {
		t.Error(Verbs())
	}
}

// TestCompleteWithoutKernel: completion starts no kernel process. Without one, or below
// another root, the index has the state, and what is wrong in it isn't printed over the
// user's command line.
func TestCompleteWithoutKernel(t *testing.T) {
	b := completed(t)
	write(t, filepath.Join(b.dir, "etc/zones/index"), "bad line\nins:installed:/z/ins:\nrun:installed:/z/run:\n")
	b.Kernel = nil
	b.Connect = func() (zone.Kernel, error) { t.Error("a kernel is started"); return nil, errors.New("none") }
	asked := 0
	b.Running = func() (zone.Kernel, error) { asked++; return nil, errors.New("none runs") }
	want := "help boot ready list verify uninstall move detach mark holds host"
	if words, _ := b.Complete([]string{"-z", "run"}, ""); strings.Join(words, " ") != want || asked != 1 {
		t.Errorf("%q, asked %d times", words, asked)
	}
	other := t.TempDir()
	if err := os.MkdirAll(filepath.Join(other, "etc/zones"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(other, "etc/zones/index"), "far:configured:/z/far:\n")
	if words, _ := b.Complete([]string{"-R", other, "-z"}, ""); !slices.Equal(words, []string{"far"}) {
		t.Errorf("below another root: %q", words)
	}
	if words, _ := b.Complete([]string{"-R", other, "-z", "far"}, ""); !slices.Contains(words, "install") || asked != 1 {
		t.Errorf("below another root: %q, asked %d times", words, asked)
	}
	if b.err.Len() > 0 {
		t.Errorf("printed %s", &b.err)
	}
}

// TestCompletedOptions: the options that are proposed are those that the subcommands take
// which say what they don't take.
func TestCompletedOptions(t *testing.T) {
	b := completed(t)
	tried := 0
	for _, line := range []string{"-z con boot", "-z con shutdown", "list"} {
		words := strings.Fields(line)
		options := []string{"-x"}
		for _, letter := range lookupCommand(words[len(words)-1]).letters {
			options = append(options, "-"+string(letter))
		}
		for _, option := range options {
			tried++
			_, _, errs := b.do(line + " " + option)
			if refused := strings.Contains(strings.Join(errs, "\n"), "illegal option"); refused != (option == "-x") {
				t.Errorf("%s %s: %q", line, option, errs)
			}
		}
	}
	if tried != 3+2+1+5 {
		t.Errorf("%d options", tried)
	}
}
