package main

import (
	"fmt"
	"strings"
	"testing"
)

// rule says how a subcommand answers words that it can't use (docs/zonecfg.md).
type rule struct {
	command string
	words   int    // how many words the grammar takes; -1: none, the first one is answered with the usage
	letters string // options that it takes
	usageTo string // where an unknown option brings the usage: "stdout", with status 0, "stderr", or "" for no options
	operand string // what one word that is no option is answered with; "": usage
	alone   string // what it says without words, in the global scope; "usage"; "-" for nothing on stderr
}

var rules = []rule{
	{"add", 1, "", "stdout", "", "usage"},
	{"cancel", 1, "", "stdout", "", "The cancel command only makes sense in the resource scope."},
	{"clear", -1, "", "", "", "usage"},
	{"commit", 1, "", "stdout", "", "-"},
	{"create", 3, "Fabt", "stderr", "", "Zone exists, input not from terminal and -F not specified:\ncreate command ignored, exiting."},
	{"delete", 1, "F", "stdout", "", "Input not from terminal and -F not specified:\ndelete command ignored, exiting."},
	{"end", 1, "", "stdout", "", "The end command only makes sense in the resource scope."},
	{"exit", 1, "F", "stdout", "", "-"},
	{"export", 2, "f", "stderr", "", "-"},
	{"help", 1, "", "", "Unknown help subject", "-"},
	{"info", -1, "", "", "", "-"},
	{"remove", -1, "F", "", "", "usage"},
	{"revert", 1, "F", "stdout", "", "No changes to revert."},
	{"select", -1, "", "", "", "usage"},
	{"set", 1, "F", "", `syntax error at '\n'`, "usage"},
	{"verify", 1, "", "stdout", "-", "-"},
}

// TestRecordedRules holds every subcommand against the rules that docs/zonecfg.md states, in the
// global scope and in that of a resource.
func TestRecordedRules(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"", "fs", "net", "device", "rctl", "attr", "dataset", "capped-cpu", "capped-memory", "admin", "security-flags"} {
		for _, r := range rules {
			t.Run(strings.TrimPrefix(scope+" "+r.command, " "), func(t *testing.T) {
				t.Parallel()
				r.hold(t, scope)
			})
		}
	}
}

func (r rule) hold(t *testing.T, scope string) {
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	// say runs the subcommand and checks how its answer begins; where: stdout or stderr.
	say := func(words, where, begins string, status int) {
		t.Helper()
		script := r.command + " " + words
		if scope != "" {
			script = "add " + scope + "; " + script
			status = 1 // the resource is incomplete
		}
		out, errs, got := s.zonecfg("-z", "z1", script)
		answer := map[string]string{"stdout": out, "stderr": errs}[where]
		if begins == "usage" {
			begins = "usage:"
		}
		if begins == "-" {
			if strings.Contains(errs, "usage") || strings.Contains(errs, "syntax") {
				t.Errorf("%s: %s", script, errs)
			}
		} else if !strings.HasPrefix(answer, begins) {
			t.Errorf("%s: %s is\n%s\nand doesn't begin with\n%s", script, where, answer, begins)
		}
		if got != status {
			t.Errorf("%s: status %d, want %d\n%s", script, got, status, errs)
		}
		if rest := s.read("/etc/zones/z1.xml"); !strings.Contains(rest, `zonepath="/zones/z1"`) {
			t.Errorf("%s changed the zone:\n%s", script, rest)
		}
	}
	failed := func(answer string) int {
		if answer == "-" || r.command == "help" {
			return 0
		}
		return 1
	}

	if scope == "" {
		say("", "stderr", r.alone, failed(r.alone))
	}
	operand := r.operand
	if operand == "" {
		operand = "usage"
	}
	if scope != "" && r.command == "verify" {
		operand = "resource specification incomplete"
	}
	say("a", "stderr", operand, failed(operand))

	// The first word that is too many is where the syntax is wrong; a subcommand whose
	// first word can't be right doesn't get that far.
	words := []string{"a"}
	for i := 1; i <= 4; i++ {
		words = append(words, fmt.Sprint("w", i))
		switch {
		case r.words < 0:
			say(strings.Join(words, " "), "stderr", "usage", 1)
		case len(words) > r.words:
			say(strings.Join(words, " "), "stderr", fmt.Sprintf("syntax error at '%s'\n", words[r.words]), 1)
		}
	}

	for _, letter := range "xFabft" {
		option := "-" + string(letter)
		illegal := fmt.Sprintf("%s: illegal option -- %c\n", option, letter)
		switch {
		case strings.ContainsRune(r.letters, letter), r.usageTo == "":
		case r.usageTo == "stdout":
			say(option, "stderr", illegal, 0)
			say(option, "stdout", "usage", 0)
		default:
			say(option, "stderr", illegal+"usage", 1)
		}
	}
	if r.usageTo != "" {
		say("-?", "stdout", "usage", 0)
	}
}
