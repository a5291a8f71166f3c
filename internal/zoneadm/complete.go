package zoneadm

import (
	"slices"
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// completion is a command line whose next word is completed.
type completion struct {
	t       *Tool
	word    string   // what there is of the next word
	first   bool     // nothing is before it
	zones   []string // of -z, or of -u
	all     bool     // --all
	pending byte     // the letter whose argument the next word is, 0 for none
	verb    *command // nil if the next word is it
	args    []string // of the subcommand
}

// Complete returns completions for the next word of a command line, of which word is there
// already: zones after -z, UUIDs after -u, subcommands that can be used in the state of the
// zone, their options and arguments. files reports whether it may be a file. It asks the
// kernel if one runs, and doesn't start one.
func (t *Tool) Complete(args []string, word string) (words []string, files bool) {
	t.Store.Warn = func(zonecfg.IndexProblem) {}
	c := completion{t: t, word: word, first: len(args) == 0}
	operands := c.options(args)
	switch c.pending {
	case 'z':
		return t.configured(func(e zonecfg.Entry) bool { return !slices.Contains(c.zones, e.Name) }, zoneName), false
	case 'u':
		return t.configured(func(zonecfg.Entry) bool { return true }, zoneUUID), false
	case 'R':
		return nil, true
	}
	if len(operands) == 0 {
		if strings.HasPrefix(word, "-") {
			return c.ownOptions(), false
		}
		return c.verbs(), false
	}
	if c.verb = lookupCommand(operands[0]); c.verb == nil {
		return nil, false
	}
	c.args = operands[1:]
	if strings.HasPrefix(word, "-") && !slices.Contains(c.args, "--") {
		return c.verbOptions(), false
	}
	return c.arguments()
}

// options takes the options before the subcommand and returns the operands.
func (c *completion) options(args []string) []string {
	const letters = "u:z:R:"
	args, _, _ = getopt.Long(args, letters, jsonOption, false)
	args, _, _ = getopt.Long(args, letters, dryOption, false)
	args, _, c.all = getopt.Long(args, letters, allOption, false)
	c.pending = getopt.Pending(args, letters)
	options, operands := getopt.Parse(args, letters, nil)
	for _, o := range options {
		switch o.Letter {
		case 'z':
			c.zones = append(c.zones, o.Argument)
		case 'u':
			if id, err := zonecfg.ParseUUID(o.Argument); err == nil {
				found := c.t.configured(func(e zonecfg.Entry) bool { return e.UUID == id }, zoneName)
				c.zones = found[:min(len(found), 1)]
			}
		case 'R':
			if root := strings.TrimSuffix(o.Argument, "/"); root != "" {
				c.t.Alternate, c.t.Store = root, zonecfg.Open(root, c.t.RunDir)
			}
		}
	}
	return operands
}

// ownOptions are the options that may come before a subcommand.
func (c *completion) ownOptions() []string {
	words := []string{"-z", "-u", "-R", "--" + jsonOption}
	if len(c.zones) == 0 {
		words = append(words, "--"+allOption)
	}
	if c.first {
		words = append(words, "--help", "--version")
	}
	return words
}

// verbs are the subcommands for the zones that were named: several take those for several
// only, one those that its state allows.
func (c *completion) verbs() (names []string) {
	state, known := zonecfg.State(0), false
	if len(c.zones) == 1 {
		state, known = c.t.currentState(c.zones[0])
	}
	for _, v := range commands {
		proposed := v.named()
		switch {
		case c.all || len(c.zones) > 1:
			proposed = proposed && v.from != nil
		case len(c.zones) == 0:
			proposed = proposed && (v.from != nil || v.in == nil)
		case known && c.zones[0] == zone.GlobalName:
			proposed = proposed && v.from == nil && v.in == nil
		case known:
			proposed = proposed && v.fits(state)
		}
		if proposed {
			names = append(names, v.name)
		}
	}
	return names
}

// fits reports whether the subcommand can be used on a zone in this state.
func (v *command) fits(state zonecfg.State) bool {
	states := v.in
	if states == nil {
		states = v.from
	}
	return states == nil || slices.Contains(states, state)
}

// verbOptions are the options of the subcommand.
func (c *completion) verbOptions() (words []string) {
	letters := c.verb.letters
	if c.verb.name == string(VerbInstall) && len(c.zones) == 1 {
		letters = c.t.installLetters(c.zones[0])
	}
	for _, letter := range strings.ReplaceAll(letters, ":", "") {
		words = append(words, "-"+string(letter))
	}
	if c.verb.json {
		words = append(words, "--"+jsonOption)
	}
	if c.verb.dry {
		words = append(words, "--"+dryOption)
	}
	if c.verb.traced {
		words = append(words, "--"+traceOption)
	}
	if c.verb.from != nil && len(c.zones) == 0 && !c.all {
		words = append(words, "--"+allOption)
		if c.verb.name == string(VerbBoot) {
			words = append(words, "--"+autobootOption)
		}
	}
	return words
}

// arguments are what may follow the subcommand besides options.
func (c *completion) arguments() (words []string, files bool) {
	if c.verb.traced && len(c.args) > 0 && c.args[len(c.args)-1] == "--"+traceOption {
		return nil, true
	}
	pending := getopt.Pending(c.args, c.verb.letters)
	options, operands := getopt.Parse(c.args, c.verb.letters, nil)
	switch Verb(c.verb.name) {
	case "help":
		return Verbs(), false
	case VerbMark:
		if len(operands) > 0 {
			return nil, false
		}
		if has(options, 'F') {
			return []string{"configured", "incomplete", "installed"}, false
		}
		return []string{"incomplete"}, false
	case VerbClone:
		switch {
		case pending == 'm':
			return []string{"copy"}, false
		case pending != 0, len(operands) > 0:
			return nil, false
		}
		return c.t.configured(func(e zonecfg.Entry) bool {
			return e.State == zonecfg.Installed && !slices.Contains(c.zones, e.Name)
		}, zoneName), false
	case VerbAttach:
		return nil, pending == 'n'
	case VerbInstall, VerbMove:
		return nil, true
	}
	return nil, false
}

// installLetters are the options that a zone's brand has for install.
func (t *Tool) installLetters(name string) string {
	config, err := t.Store.Load(name)
	if err != nil {
		return ""
	}
	b, err := brand.Open(t.Brands, config.Brand)
	if err != nil {
		return ""
	}
	return b.InstallOpts
}

// currentState returns the state of a zone by the kernel, if one runs, and the index.
func (t *Tool) currentState(name string) (state zonecfg.State, known bool) {
	if t.Kernel == nil && t.Running != nil && t.Alternate == "" {
		if k, err := t.Running(); err == nil {
			if t.kernel = k; t.join(k) != nil {
				t.Kernel = nil
			}
		}
	}
	if t.Kernel == nil || t.Alternate != "" {
		entry, err := t.Store.Entry(name)
		return entry.State, err == nil
	}
	state, _, err := t.On(name, Observer{}).stateOf(name)
	return state, err == nil
}

func zoneName(e zonecfg.Entry) string { return e.Name }

// zoneUUID is "" for a zone without one.
func zoneUUID(e zonecfg.Entry) string { return (&Zone{UUID: e.UUID}).uuid() }

// configured returns a word for each zone in the index that is wanted, but for the global one.
func (t *Tool) configured(wanted func(zonecfg.Entry) bool, word func(zonecfg.Entry) string) (words []string) {
	entries, err := t.Store.Entries()
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if w := word(e); w != "" && e.Name != zone.GlobalName && wanted(e) {
			words = append(words, w)
		}
	}
	return words
}
