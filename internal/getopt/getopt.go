// Package getopt parses a command line as getopt(3C) does, for commands with the options
// of the system's own: letters can be combined, an argument can follow its letter without
// a space, and "--" or the first operand ends the options.
package getopt

import "strings"

// Option is an option of a command line. The Letter of one that is unknown, or lacks its
// argument, is '?', and Argument has the letter as given.
type Option struct {
	Letter   byte
	Argument string
}

// Asked reports whether the option is "-?", which asks for the usage.
func (o Option) Asked() bool { return o.Letter == '?' && o.Argument == "?" }

// Parse returns the options and the operands of a command line. letters has the known
// letters, each followed by a colon if it takes an argument. complain, unless it is nil,
// is called with getopt's message for each error.
func Parse(args []string, letters string, complain func(string)) (options []Option, operands []string) {
	if complain == nil {
		complain = func(string) {}
	}
	for len(args) > 0 {
		word := args[0]
		if len(word) < 2 || word[0] != '-' {
			return options, args
		}
		args = args[1:]
		if word == "--" {
			return options, args
		}
		if long, ok := strings.CutPrefix(word, "--"); ok {
			complain("illegal option -- " + long)
			options = append(options, Option{'?', "-"})
			continue
		}
		for i := 1; i < len(word); i++ {
			letter := word[i]
			at := strings.IndexByte(letters, letter)
			if at < 0 || strings.IndexByte(":(?", letter) >= 0 {
				if letter != '?' {
					complain("illegal option -- " + word[i:i+1])
				}
				options = append(options, Option{'?', word[i : i+1]})
				continue
			}
			if at+1 >= len(letters) || letters[at+1] != ':' {
				options = append(options, Option{Letter: letter})
				continue
			}
			argument := word[i+1:]
			if argument == "" {
				if len(args) == 0 {
					complain("option requires an argument -- " + word[i:i+1])
					options = append(options, Option{'?', word[i : i+1]})
					break
				}
				argument, args = args[0], args[1:]
			}
			options = append(options, Option{letter, argument})
			break
		}
	}
	return options, nil
}

// Pending returns the letter whose argument would be the word after args, 0 if that word
// would be an option or an operand.
func Pending(args []string, letters string) byte {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		word := args[0]
		args = args[1:]
		if !awaitsArgument(word, letters) {
			continue
		}
		if len(args) == 0 {
			return word[len(word)-1]
		}
		args = args[1:]
	}
	return 0
}

// Long removes a long option from args and returns its value. It looks where options
// may be: before "--" and the first operand, and not at the argument of a letter. With
// valued the option has a value, after an equals sign or in the next word; "" if that
// is missing. If the option is repeated the last one applies.
func Long(args []string, letters, name string, valued bool) (rest []string, value string, found bool) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		word := args[0]
		args = args[1:]
		given, behind, equals := strings.Cut(word, "=")
		switch {
		case given == "--"+name && (valued || !equals):
			found, value = true, behind
			if valued && !equals && len(args) > 0 {
				value, args = args[0], args[1:]
			}
		case len(args) > 0 && awaitsArgument(word, letters):
			rest, args = append(rest, word, args[0]), args[1:]
		default:
			rest = append(rest, word)
		}
	}
	return append(rest, args...), value, found
}

// Short writes long options as the letters that names has for them, so that Parse takes
// them. It looks where options may be, and leaves those that it doesn't know, and those
// without an argument that have one behind an equals sign.
func Short(args []string, letters string, names map[string]byte) (out []string) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		word := args[0]
		args = args[1:]
		name, value, valued := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		letter, known := names[name]
		known = known && strings.HasPrefix(word, "--")
		takes := known && awaitsArgument("-"+string(letter), letters)
		switch {
		case known && takes && valued:
			out = append(out, "-"+string(letter), value)
			continue
		case known && !valued:
			word = "-" + string(letter)
		}
		out = append(out, word)
		if len(args) > 0 && awaitsArgument(word, letters) {
			out, args = append(out, args[0]), args[1:]
		}
	}
	return append(out, args...)
}

// awaitsArgument reports whether the last letter in a word has its argument in the
// next word.
func awaitsArgument(word, letters string) bool {
	if strings.HasPrefix(word, "--") {
		return false // another long option
	}
	for i := 1; i < len(word); i++ {
		at := strings.IndexByte(letters, word[i])
		if at >= 0 && at+1 < len(letters) && letters[at+1] == ':' && word[i] != ':' {
			return i == len(word)-1
		}
	}
	return false
}
