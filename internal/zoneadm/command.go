package zoneadm

import (
	"os"
	"strconv"
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Run runs a command line, without the command's name, and returns the exit status. Output
// that couldn't be written is a failure.
func (t *Tool) Run(args []string) int {
	out := &written{to: t.Out}
	t.Out = out
	status := t.run(args)
	t.Out = out.to
	if out.err == nil {
		return status
	}
	t.printLine(named("could not write the output: %s", reason(out.err)))
	return max(status, ExitFailed)
}

func (t *Tool) run(args []string) int {
	t.target("")
	if t.Caller.Name == "" {
		t.say("could not get user name.")
		return ExitFailed
	}
	if t.process != nil {
		if err := t.process(); err != nil {
			t.say("could not change directory to /.")
			return ExitFailed
		}
	}
	const letters = "u:z:R:"
	args, _, t.json = getopt.Long(args, letters, jsonOption, false)
	args, _, t.dry = getopt.Long(args, letters, dryOption, false)
	args, _, all := getopt.Long(args, letters, allOption, false)
	options, operands := getopt.Parse(args, letters, t.complain)
	var match string
	var given []string // the zones of -z
	for _, o := range options {
		switch o.Letter {
		case 'z':
			t.on.Name = o.Argument
			given = append(given, o.Argument)
		case 'u':
			match = o.Argument
		case 'R':
			if status := t.setRoot(o.Argument); status != ExitOK {
				return status
			}
		default:
			t.usage(t.Out, true)
			return ExitUsage
		}
	}
	if len(operands) == 0 {
		t.usage(t.Err, false)
		return ExitUsage
	}
	t.word = operands[0]
	c := lookupCommand(t.word)
	if match != "" {
		given = nil // -u names the zone
	}
	args, names, status := t.selection(c, given, all, operands[1:])
	run := func(args []string) int { return t.subcommand(c, match, args) }
	switch {
	case names != nil:
		run = func(args []string) int { return t.many(c, names, args, status) }
	case status != ExitOK:
		return status
	}
	if c == nil || !c.traced {
		return run(args)
	}
	args, file, asked := getopt.Long(args, "", traceOption, true)
	switch {
	case !asked:
		return run(args)
	case file == "":
		t.complain("option requires an argument -- " + traceOption)
		t.usageOf(c.name)
		return ExitUsage
	}
	return t.traced(file, func() int { return run(args) })
}

// target sets the zone that a subcommand is for.
func (t *Tool) target(name string) {
	t.on = t.On(name, t.observer())
	t.on.aroundHook = outlast
}

// subcommand looks up the zone and runs a subcommand; nil is an unknown one. match is the
// UUID given with -u.
func (t *Tool) subcommand(c *command, match string, args []string) int {
	if c != nil && c.daemon {
		t.on.prepare()
	}
	if (t.on.Name != "" || match != "" || c != nil && c.name != "help") && !t.connect(c != nil && c.looks) {
		return ExitFailed
	}
	if match != "" {
		id, err := zonecfg.ParseUUID(match)
		if err != nil {
			t.say("illegal UUID value specified")
			return ExitFailed
		}
		t.matchUUID(id)
	}
	if t.on.Name != "" {
		if err := t.on.exists(); err != nil {
			t.printLine(named("%s: %v%s", t.on.Name, zonecfg.ErrNoZone, t.on.whyNot(err)))
			return ExitFailed
		}
	}
	if (t.Kernel != nil || t.Idle) && !t.Inside {
		if status := t.brands(); status != ExitOK {
			return status
		}
	}
	if c == nil {
		t.usage(t.Err, false)
		t.unknown(t.word)
		return ExitUsage
	}
	return t.do(c, args)
}

// brands checks that the default brand and the zone's brand can be read.
func (t *Tool) brands() int {
	if _, err := t.Store.DefaultBrand(); err != nil {
		t.say("unable to determine default brand%s", detail(err))
		return ExitFailed
	}
	if t.on.Name == "" || t.on.Name == zone.GlobalName {
		return ExitOK
	}
	if _, err := t.on.read(); err != nil {
		t.say("missing or invalid brand%s", detail(err))
		return ExitFailed
	}
	return ExitOK
}

// do runs a subcommand, after handling --json and --dry-run.
func (t *Tool) do(c *command, args []string) int {
	if c.json {
		var asked bool
		args, _, asked = getopt.Long(args, "", jsonOption, false)
		t.json = t.json || asked
	} else if t.json {
		t.say("%s prints no JSON: --json is for holds, host and list", c.name)
		return ExitUsage
	}
	if c.dry {
		var asked bool
		args, _, asked = getopt.Long(args, c.letters+t.brandLetters(c), dryOption, false)
		t.on.DryRun = t.dry || asked
	} else if t.dry {
		t.say("%s has no --%s: it is for install, uninstall, clone, move, detach and attach", c.name, dryOption)
		return ExitUsage
	}
	return c.run(t, args)
}

// brandLetters are the letters of a brand's options of install, whose arguments may look like
// an option.
func (t *Tool) brandLetters(c *command) string {
	if c.name != string(VerbInstall) {
		return ""
	}
	return "x:" + t.installLetters(t.on.Name)
}

// setRoot selects the zones of an alternate root.
func (t *Tool) setRoot(root string) int {
	if !strings.HasPrefix(root, "/") {
		t.say("root path must be absolute.")
		return ExitFailed
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		t.say("root path must be a directory.")
		return ExitFailed
	}
	if len(root) == 1 {
		t.Alternate = ""
		return ExitOK
	}
	t.Alternate = root
	t.Store = zonecfg.Open(root, t.RunDir) // which puts the root before both
	t.Store.Warn = t.ignored
	return ExitOK
}

// ignored reports a line of the index that is ignored.
func (t *Tool) ignored(line zonecfg.IndexProblem) { t.say("%s", line) }

// matchUUID selects the zone with that UUID, if there is one.
func (t *Tool) matchUUID(id zonecfg.UUID) {
	if id == (zonecfg.UUID{}) {
		return
	}
	entries, err := t.Store.Entries()
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.UUID == id {
			t.on.Name = e.Name
			return
		}
	}
}

// cNumber parses a number in C notation: 0x for hexadecimal, 0 for octal.
func cNumber(text string) (int32, bool) {
	if strings.ContainsAny(text, "_bBoO") {
		return 0, false // notations of Go that C doesn't have
	}
	n, err := strconv.ParseInt(text, 0, 32)
	return int32(n), err == nil
}

// letters parses the options of a verb. If they are wrong it prints the usage and returns
// the exit status and false.
func (t *Tool) letters(verb Verb, args []string, letters string) (options []getopt.Option, operands []string, status int, ok bool) {
	options, operands = getopt.Parse(args, letters, t.complain)
	for _, o := range options {
		if o.Letter != '?' {
			continue
		}
		t.usageOf(string(verb))
		if o.Asked() {
			return nil, nil, ExitOK, false
		}
		return nil, nil, ExitUsage, false
	}
	return options, operands, ExitOK, true
}

// alone is letters for a verb without options and operands.
func (t *Tool) alone(verb Verb, args []string) (status int, ok bool) {
	_, operands, status, ok := t.letters(verb, args, "")
	if ok && len(operands) > 0 {
		t.usageOf(string(verb))
		return ExitUsage, false
	}
	return status, ok
}

// has reports whether an option was given.
func has(options []getopt.Option, letter byte) bool {
	for _, o := range options {
		if o.Letter == letter {
			return true
		}
	}
	return false
}

// askedForHelp reports whether "-?" is among the options.
func askedForHelp(options []getopt.Option) bool {
	for _, o := range options {
		if o.Asked() {
			return true
		}
	}
	return false
}
