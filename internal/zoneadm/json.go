package zoneadm

import "strings"

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
