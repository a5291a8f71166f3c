package zoneadm

import (
	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
)

// Complete returns completions for the next word of a command line: zones after -z, UUIDs
// after -u, subcommands and their arguments. files reports whether it may be a file. It
// reads configurations but doesn't start a kernel.
func (t *Tool) Complete(args []string) (words []string, files bool) {
	if len(args) > 0 {
		switch args[len(args)-1] {
		case "-z":
			return t.configured(func(name, _ string) string { return name }), false
		case "-u":
			return t.configured(func(_, id string) string { return id }), false
		case "-R":
			return nil, true
		}
	}
	const letters = "u:z:R:"
	args, _, _ = getopt.Long(args, letters, jsonOption, false)
	_, operands := getopt.Parse(args, letters, nil)
	if len(operands) == 0 {
		return Verbs(), false
	}
	switch operands[0] {
	case "help":
		return Verbs(), false
	case "mark":
		return []string{"incomplete"}, false
	case "clone":
		return t.configured(func(name, _ string) string { return name }), false
	case "install", "attach", "move":
		return nil, true
	}
	return nil, false
}

// configured calls pick for every zone in the index and returns the results.
func (t *Tool) configured(pick func(name, id string) string) []string {
	entries, err := t.Store.Entries()
	if err != nil {
		return nil
	}
	var words []string
	for _, e := range entries {
		z := Zone{UUID: e.UUID}
		if word := pick(e.Name, z.uuid()); word != "" && e.Name != zone.GlobalName {
			words = append(words, word)
		}
	}
	return words
}
