package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// The grammar of the language, from which scripts are made that go wrong in every way.

var allSubcommands = []string{"add", "cancel", "clear", "commit", "create", "delete", "end", "exit", "export", "help", "info", "remove", "revert", "select", "set", "verify"}

// property is a property with a value that it takes.
type property struct{ name, value string }

// kinds are the resources with their properties; the first property of each tells it from
// others of its kind.
var kinds = []struct {
	resource   string
	properties []property
}{
	{"fs", []property{{"dir", "/a"}, {"special", "/export/a"}, {"raw", "/dev/rdsk/a"}, {"type", "lofs"}, {"options", "[ro]"}}},
	{"net", []property{{"physical", "e1000g0"}, {"address", "10.0.0.1/24"}, {"defrouter", "10.0.0.254"}, {"allowed-address", "10.0.0.3/24"}}},
	{"device", []property{{"match", "/dev/bar"}}},
	{"rctl", []property{{"name", "zone.max-lwps"}, {"value", "(priv=privileged,limit=500,action=deny)"}}},
	{"attr", []property{{"name", "comment"}, {"type", "string"}, {"value", "text"}}},
	{"dataset", []property{{"name", "rpool/data"}}},
	{"dedicated-cpu", []property{{"ncpus", "1-2"}, {"importance", "5"}}},
	{"capped-cpu", []property{{"ncpus", "1.5"}}},
	{"capped-memory", []property{{"physical", "512m"}, {"swap", "1g"}, {"locked", "100m"}}},
	{"admin", []property{{"user", "alice"}, {"auths", "login"}}},
	{"security-flags", []property{{"default", "aslr"}, {"lower", "none"}, {"upper", "all"}}},
}

// ofZone are the properties of the zone itself.
var ofZone = []property{
	{"zonename", "z3"}, {"zonepath", "/zones/z3"}, {"brand", "ipkg"}, {"autoboot", "true"}, {"bootargs", "-v"}, {"pool", "p"}, {"limitpriv", "default"},
	{"scheduling-class", "FSS"}, {"ip-type", "exclusive"}, {"hostid", "1"}, {"fs-allowed", "ufs"}, {"max-lwps", "100"}, {"max-processes", "100"},
	{"max-shm-memory", "1g"}, {"max-shm-ids", "10"}, {"max-msg-ids", "10"}, {"max-sem-ids", "10"}, {"cpu-shares", "10"},
}

// everyProperty returns each property once.
func everyProperty() []property {
	all := slices.Clone(ofZone)
	for _, k := range kinds {
		for _, p := range k.properties {
			if !slices.ContainsFunc(all, func(known property) bool { return known.name == p.name }) {
				all = append(all, p)
			}
		}
	}
	return all
}

// badValues are values of the wrong form, empty, overlong, and at the edges of numbers.
var badValues = []string{
	"", `""`, "[a]", "[a,b]", "(name=a)", "[(name=a)]", "[(name=a),(value=b)]", "[]", "()", "(priv=privileged,limit=1,action=none)", "[[a]]", "a=b", `"a b"`, "'a'",
	"-1", "0", "1e3", "0x10", "1.5", "99999999999999999999", "1t", "none", "[ro,nosuid]", "name", "fs",
	strings.Repeat("n", 64), "/" + strings.Repeat("n", 255), strings.Repeat("n", 256), strings.Repeat("9", 256), strings.Repeat("n", 1023),
}

// start is a state of the recordings, and how the resources of a script begin there.
const (
	startMin  = "min"
	startFull = "full"
)

// matrix makes a call for every subcommand and everything that can be wrong with it: no
// words, too many, an unknown option, the wrong scope, the wrong type, overlong, empty.
func matrix() []*recording {
	var list []*recording
	seen := map[string]bool{}
	add := func(start, script string) {
		if !seen[start+script] {
			seen[start+script] = true
			list = append(list, &recording{ID: fmt.Sprintf("gen-%04d", len(list)), Start: start, Argv: []string{"-z", "z1", script}})
		}
	}
	open := func(resource string) string {
		if resource == "" {
			return ""
		}
		return "add " + resource + "; "
	}
	scopes := []string{""}
	for _, k := range kinds {
		scopes = append(scopes, k.resource)
	}

	// No words, too many, unknown options.
	for _, scope := range []string{"", "fs", "rctl", "capped-memory"} {
		for _, command := range allSubcommands {
			for _, words := range []string{"a", "a b", "a b c", "a b c d", "-x", "-?", "-F", "-F a", "-xF", "-x -?", "a -x", "--", "-- -x", "-", `""`, "=", "a=b", "-f", "-a", "-t", strings.Repeat("n", 1023)} {
				add(startMin, open(scope)+command+" "+words+"; info zonename")
			}
			if command != "help" { // its text is each program's own
				add(startMin, open(scope)+command+"; info zonename")
			}
		}
	}

	// In each scope every subcommand as it is right somewhere, and with a word too many.
	right := []string{
		"cancel", "end", "commit", "verify", "revert", "export", "info", "exit", "delete", "delete -F", "create -F", "create -b", "exit -F", "revert -F",
		"clear pool", "info pool", "select attr name=comment", "info attr", "info attr name=comment", "remove attr", "remove -F attr", "remove attr name=comment",
		"add options ro", "remove options ro", "add value (priv=privileged,limit=1,action=none)", "set pool=p", "select capped-memory", "remove capped-memory",
	}
	for _, scope := range scopes {
		for _, command := range right {
			add(startFull, "remove capped-memory; remove dedicated-cpu; remove security-flags; "+open(scope)+command+"; info zonename")
			add(startMin, open(scope)+command+" more; info zonename")
		}
		for _, k := range kinds {
			add(startMin, open(scope)+"add "+k.resource+"; info; cancel")
		}
	}

	// Every property in every scope.
	for _, scope := range scopes {
		for _, p := range everyProperty() {
			add(startMin, open(scope)+"set "+p.name+"="+p.value+"; info")
			add(startMin, open(scope)+"clear "+p.name+"; info")
			add(startMin, open(scope)+"add "+p.name+" "+p.value+"; info")
			add(startMin, open(scope)+"remove "+p.name+" "+p.value+"; info")
		}
	}

	// Every property with every bad value.
	for _, value := range badValues {
		for _, p := range ofZone {
			add(startMin, "set "+p.name+"="+value+"; info "+p.name)
		}
		for _, k := range kinds {
			for i, p := range k.properties {
				script := "add " + k.resource + "; "
				for j, other := range k.properties {
					if j != i && !(k.resource == "net" && other.name != "physical") {
						script += "set " + other.name + "=" + other.value + "; "
					}
				}
				add(startMin, script+"set "+p.name+"="+value+"; end; info "+k.resource)
			}
		}
		for _, command := range []string{"add options ", "remove options ", "add value ", "remove value "} {
			scope := map[bool]string{true: "add fs; set options=[ro]; ", false: "add rctl; set name=zone.max-lwps; "}[strings.Contains(command, "options")]
			add(startMin, scope+command+value+"; info; cancel")
		}
	}

	// Every resource found, shown and removed by every property.
	for _, k := range kinds {
		for _, p := range everyProperty() {
			add(startFull, "info "+k.resource+" "+p.name+"="+p.value)
			add(startFull, "select "+k.resource+" "+p.name+"="+p.value+"; info; cancel")
			add(startFull, "remove "+k.resource+" "+p.name+"="+p.value+"; info "+k.resource)
		}
		for _, p := range k.properties {
			for _, value := range badValues {
				add(startFull, "info "+k.resource+" "+p.name+"="+value)
				add(startFull, "select "+k.resource+" "+p.name+"="+value+"; info; cancel")
				add(startFull, "remove "+k.resource+" "+p.name+"="+value+"; info "+k.resource)
			}
		}
	}
	return list
}

// survives checks the answer to a call that ends the system's own zonecfg by a signal: after
// words that a command left over it fails an assertion. Here the session goes on, as it
// does after other mistakes.
func survives(t *testing.T, got answer) {
	t.Helper()
	if got.Exit != 1 || got.Stderr == "" {
		t.Errorf("exit %d, stderr %q: a mistake isn't reported", got.Exit, got.Stderr)
	}
}

// TestMatrix holds every call of the matrix against what the system's own zonecfg
// answered. $ZONECFG_MATRIX names a file for calls that nobody has answered yet.
func TestMatrix(t *testing.T) {
	t.Parallel()
	_, starts := readRecordings(t)
	answered := map[string]*recording{}
	for _, r := range readGenerated(t) {
		answered[r.Start+r.Argv[2]] = r
	}
	var open []*recording
	all := newMachines(t)
	for i, call := range matrix() {
		if i%sampled != 0 {
			continue
		}
		r := answered[call.Start+call.Argv[2]]
		if r == nil {
			open = append(open, call)
			continue
		}
		t.Run(call.ID, func(t *testing.T) {
			t.Parallel()
			start := starts[r.Start]
			got := r.run(t, all.take(t, start), start)
			if r.Expect.Exit < 0 {
				survives(t, got)
				return
			}
			r.hold(t, got)
		})
	}
	if path := os.Getenv("ZONECFG_MATRIX"); path != "" {
		var out []byte
		for _, call := range open {
			line, err := json.Marshal(map[string]any{"id": call.ID, "start": call.Start, "argv": call.Argv, "stdin": nil, "file": nil})
			if err != nil {
				t.Fatal(err)
			}
			out = append(append(out, line...), '\n')
		}
		if err := os.WriteFile(path, out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(open) > 0 {
		t.Errorf("%d calls have no recorded answer, for example %q", len(open), open[0].Argv)
	}
}

// TestMixed holds scripts of several commands, made at random or of recorded ones with
// changes in them, against the answers of the system's own zonecfg: values read for the
// command before, mistakes in the middle, line ends, the order of options.
func TestMixed(t *testing.T) {
	t.Parallel()
	_, starts := readRecordings(t)
	all := newMachines(t)
	for i, r := range decodeRecordings(t, readCompressed(t, "mixed.jsonl.gz")) {
		if i%sampled != 0 || !testenv.Sample(i, 8) {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			start := starts[r.Start]
			r.hold(t, r.run(t, all.take(t, start), start))
		})
	}
}
