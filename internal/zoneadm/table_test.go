package zoneadm

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

var update = flag.Bool("update", false, "write docs/zoneadm-verbs.md anew")

// living is a zoneadmd whose requests change the state of the zone, by the rules that
// TestStates of internal/zoneadmd checks for the real one.
type living struct{ b *bench }

func (l living) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	state, _, err := l.b.On(name, Observer{}).stateOf(name)
	if err != nil {
		return zone.CommandReply{}, err
	}
	if state == zonecfg.Configured {
		fmt.Fprintln(l.b.Err, "cannot manage a zone which is in state 'configured'")
		return zone.CommandReply{}, ErrNoDaemon
	}
	forced := r.Command == zone.CommandForceBoot || r.Command == zone.CommandForceMount
	if state == zonecfg.Incomplete && forced {
		state = zonecfg.Installed
	}
	to, said := "", ""
	mounts := r.Command == zone.CommandMount || r.Command == zone.CommandForceMount
	boots := r.Command == zone.CommandBoot || r.Command == zone.CommandForceBoot
	active := state == zonecfg.Running || state == zonecfg.ShuttingDown || state == zonecfg.Down
	switch {
	case state == zonecfg.Installed && mounts:
		to = "mounted"
	case state == zonecfg.Mounted && r.Command == zone.CommandUnmount:
		to = "installed"
	case state == zonecfg.Installed && (r.Command == zone.CommandHalt || r.Command == zone.CommandShutdown):
		said = "zone is already halted"
	case state == zonecfg.Installed && r.Command == zone.CommandReady, active && r.Command == zone.CommandReady:
		to = "ready"
	case (state == zonecfg.Installed || state == zonecfg.Ready) && boots, active && r.Command == zone.CommandReboot:
		to = "running"
	case state == zonecfg.Ready && r.Command == zone.CommandReady:
		said = "zone is already ready"
	case active && boots:
		said = "zone is already booted"
	case (active || state == zonecfg.Ready) && r.Command == zone.CommandHalt, active && r.Command == zone.CommandShutdown:
		to = "installed"
	default:
		return zone.CommandReply{Result: -1, Text: fmt.Sprintf("%s operation is invalid for zones in state '%s'\n", r.Command, state)}, nil
	}
	if said != "" {
		return zone.CommandReply{Text: said + "\n"}, nil
	}
	l.b.become(name, to)
	return zone.CommandReply{}, nil
}

func (living) Notify(string, zone.CommandRequest) {}

// become changes the state of a zone in the kernel.
func (b *bench) become(name, state string) {
	b.kernel.zones = slices.DeleteFunc(b.kernel.zones, func(z toldZone) bool { return z.name == name })
	if a, ok := active[state]; ok {
		b.kernel.zones = append(b.kernel.zones, toldZone{9, name, a.status, 0})
		b.kernel.roots = map[string]string{name: filepath.Join(b.dir, "z", name, a.root)}
	}
}

// tableStates are the states of a zone, in the order of the document.
var tableStates = []string{"configured", "incomplete", "installed", "ready", "running", "shutting_down", "down", "mounted"}

// tableVerbs are the verbs of the document, as they are given.
var tableVerbs = []string{
	"boot", "boot -f", "ready", "halt", "shutdown", "shutdown -r", "reboot", "list -p", "verify",
	"install", "uninstall", "uninstall -F", "clone src", "move /z/new", "detach", "detach -n", "attach", "attach -F", "attach -U",
	"mark incomplete", "mark -F configured", "mark -F installed", "mount", "mount -f", "unmount", "sysboot", "apply",
}

// badWords are wrong command lines of the document. The zone is installed.
var badWords = []string{
	"", "-z", "-z z1", "-z nosuch boot", "-z nosuch list", "boot", "install", "-z global boot", "-z SUNWx halt", "-z z1 frobnicate", "-z z1 bot",
	"-u 12 boot", "-u 00000000-0000-0000-0000-000000000001 boot", "-R etc list", "-R /nosuch/root list", "-Q list", "-? list",
	"help frobnicate", "help mount", "-z z1 boot -Q", "-z z1 boot -?", "-z z1 halt now", "-z z1 ready now", "-z z1 shutdown -Q", "-z z1 reboot -Q",
	"-z z1 list -c", "-z z1 list now", "list -p -v", "list -Q", "-z z1 verify now", "-z z1 move", "-z z1 move a b", "-z z1 move relative",
	"-z z1 clone", "-z z1 clone a b", "-z z1 mark", "-z z1 mark configured", "-z z1 mark running", "-z z1 mark -Q incomplete", "-z z1 mount now", "-z z1 unmount now",
	"-z z1 attach -F -n x", "-z z1 attach -n /nosuch/manifest", "--json -z z1 boot", "-z z1 -z z2 install", "--all install", "--all -z z1 boot", "-z z1 boot --trace",
}

// result is what a command line did.
type result struct {
	status    int
	out, errs []string
	after     string // the state; "" if it is the one before
}

// of runs a command line on a zone in a state.
func resultOf(t *testing.T, line, state string) result {
	t.Helper()
	b := newBench(t)
	b.zone("z1", state)
	b.Daemon = living{b}
	if strings.HasSuffix(line, "clone src") {
		b.zone("src", "installed")
	}
	if state == "configured" && strings.Contains(line, " attach") {
		for _, dir := range []struct {
			path string
			mode os.FileMode
		}{{"z/z1", 0o700}, {"z/z1/root", 0o755}} {
			if err := os.Mkdir(filepath.Join(b.dir, dir.path), dir.mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := b.now()
	status, out, errs := b.do(line)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], b.dir, "")
	}
	r := result{status: status, out: out, errs: errs}
	if after := b.now(); after != before {
		r.after = after
	}
	return r
}

// now returns the state of z1.
func (b *bench) now() string {
	state, _, err := b.On("z1", Observer{}).stateOf("z1")
	if err != nil {
		b.t.Fatal(err)
	}
	return state.String()
}

// cells formats a result: exit status, output, state.
func (r result) cells() string {
	var lines []string
	cell := func(stream string, text []string) {
		if len(text) > 6 { // a usage
			text = append(slices.Clone(text[:2]), "…", text[len(text)-1])
		}
		for _, line := range text {
			if strings.TrimSpace(line) == "" {
				continue
			}
			line = strings.NewReplacer("|", "\\|", "\t", " ").Replace(strings.TrimRight(line, " "))
			lines = append(lines, stream+" `"+line+"`")
		}
	}
	cell("out", r.out)
	cell("err", r.errs)
	return fmt.Sprintf("| %d | %s | %s |", r.status, strings.Join(lines, "<br>"), r.after)
}

// TestVerbTable: every verb in every state, and wrong words, give what the document says.
func TestVerbTable(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Source)
	var doc strings.Builder
	doc.WriteString(`# Every verb in every state

Look here for what ` + "`zoneadm-go`" + ` prints, returns and leaves when a verb is used on a zone z1 in each of its states, and for its answers to wrong words. ` + "`go test ./internal/zoneadm -update`" + ` writes this page by running the command lines; without -update that test checks it. The command is called zoneadm, the caller is root in the global zone, the zone's brand has an install hook that succeeds and no others, and standard input is no terminal. "out" and "err" are the streams; a usage is shortened to its first lines and its last. The state afterwards is empty where it didn't change.

In the states shutting_down and down a verb that takes the zone down waits for what holds it.

## Verbs
`)
	for _, verb := range tableVerbs {
		fmt.Fprintf(&doc, "\n### %s\n\n| state | status | output | state afterwards |\n| --- | --- | --- | --- |\n", verb)
		var same []string
		last := ""
		flush := func() {
			if len(same) > 0 {
				fmt.Fprintf(&doc, "| %s %s\n", strings.Join(same, ", "), last)
			}
			same = nil
		}
		for _, state := range tableStates {
			cells := resultOf(t, "-z z1 "+verb, state).cells()
			if cells != last {
				flush()
			}
			last = cells
			same = append(same, state)
		}
		flush()
	}
	doc.WriteString("\n## Wrong words\n\nThe zone is installed.\n\n| command line | status | output | state afterwards |\n| --- | --- | --- | --- |\n")
	for _, line := range badWords {
		r := resultOf(t, line, "installed")
		if r.after != "" {
			t.Errorf("%q changes the state to %s", line, r.after)
		}
		fmt.Fprintf(&doc, "| `zoneadm %s` %s\n", strings.ReplaceAll(line, "|", "\\|"), r.cells())
	}
	path := filepath.Join(testenv.Top(), "docs", "zoneadm-verbs.md")
	if *update {
		if err := os.WriteFile(path, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(doc.String(), "\n"), strings.Split(string(text), "\n")
	for i, line := range got {
		if i >= len(want) || line != want[i] {
			t.Fatalf("line %d is now:\n%s\ngo test ./internal/zoneadm -update writes the page anew: read the difference", i+1, line)
		}
	}
	if len(want) != len(got) {
		t.Errorf("the page has %d lines too many", len(want)-len(got))
	}
}
