package zoneadm

import (
	"os"
	"strconv"
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Run is the command line after the command's name. What it answers is the exit
// status; diagnostics are on Err.
func (t *Tool) Run(args []string) int {
	t.on = t.On("", t.observer())
	t.on.aroundHook = outlast
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
	args, t.json = withoutJSON(args, letters)
	options, operands := getopt.Parse(args, letters, t.complain)
	var match string
	for _, o := range options {
		switch o.Letter {
		case 'z':
			t.on.Name = o.Argument
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
	c, args := lookupCommand(operands[0]), operands[1:]
	if c == nil || !c.traced {
		return t.subcommand(c, match, args)
	}
	file, args, err := withoutTrace(args)
	if err != nil {
		t.complain(err.Error())
		t.usageOf(c.name)
		return ExitUsage
	}
	if file == "" {
		return t.subcommand(c, match, args)
	}
	return t.traced(file, func() int { return t.subcommand(c, match, args) })
}

// subcommand finds out which zone is meant and runs a subcommand, nil for one that
// there isn't. match is the UUID of -u.
func (t *Tool) subcommand(c *command, match string, args []string) int {
	if c != nil && c.daemon {
		t.on.prepare()
	}
	if (t.on.Name != "" || match != "" || c != nil && c.name != "help") && !t.connect() {
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
			t.printLine(named("%s: %v%s", t.on.Name, zonecfg.ErrNoZone, detail(err)))
			return ExitFailed
		}
	}
	if t.Kernel != nil && !t.Inside {
		if status := t.brands(); status != ExitOK {
			return status
		}
	}
	if c == nil {
		t.usage(t.Err, false)
		return ExitUsage
	}
	return t.do(c, args)
}

// brands checks that the brand of zones without one is known, and the zone's.
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

// do runs a subcommand. Most don't work on the zones of another root, whatever their
// options are.
func (t *Tool) do(c *command, args []string) int {
	if c.json {
		var asked bool
		args, asked = withoutJSON(args, "")
		t.json = t.json || asked
	} else if t.json {
		t.say("%s prints no JSON: --json is for list and host", c.name)
		return ExitUsage
	}
	return c.run(t, args)
}

// setRoot has the command work on the zones of another root.
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
	return ExitOK
}

// matchUUID makes the zone of that UUID the one that is meant, if there is one.
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

// cNumber reads a number as C writes it: with 0x before sixteens and 0 before eights.
func cNumber(text string) (int32, bool) {
	if strings.ContainsAny(text, "_bBoO") {
		return 0, false // Go has more ways to write numbers
	}
	n, err := strconv.ParseInt(text, 0, 32)
	return int32(n), err == nil
}

// letters reads the options of a verb that knows these letters. ok is false when the
// usage was printed, and then status is the command's.
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

// alone is letters for a verb that takes neither options nor operands.
func (t *Tool) alone(verb Verb, args []string) (status int, ok bool) {
	_, operands, status, ok := t.letters(verb, args, "")
	if ok && len(operands) > 0 {
		t.usageOf(string(verb))
		return ExitUsage, false
	}
	return status, ok
}

// has tells that an option was given.
func has(options []getopt.Option, letter byte) bool {
	for _, o := range options {
		if o.Letter == letter {
			return true
		}
	}
	return false
}

// askedForHelp looks for "-?" among the arguments of a verb whose other options belong
// to the brand.
func askedForHelp(options []getopt.Option) bool {
	for _, o := range options {
		if o.Asked() {
			return true
		}
	}
	return false
}

// withoutJSON takes the long option --json from where options may stand in args:
// before the first operand and "--", and not as the argument of another option.
func withoutJSON(args []string, letters string) (rest []string, asked bool) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		word := args[0]
		args = args[1:]
		if word == "--json" {
			asked = true
			continue
		}
		rest = append(rest, word)
		if len(args) > 0 && awaitsArgument(word, letters) {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	return append(rest, args...), asked
}

// awaitsArgument tells that the last option in a word has its argument in the next.
func awaitsArgument(word, letters string) bool {
	for i := 1; i < len(word); i++ {
		at := strings.IndexByte(letters, word[i])
		if at >= 0 && at+1 < len(letters) && letters[at+1] == ':' && word[i] != ':' {
			return i == len(word)-1
		}
	}
	return false
}
