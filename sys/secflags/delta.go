package secflags

import (
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Delta is a change of a set (secflagdelta_t): a new set, or flags to add and flags to
// remove.
type Delta struct {
	Add     Set  // psd_add: flags to add
	Remove  Set  // psd_rem: flags to remove after that
	Assign  Set  // psd_assign: the new set
	Assigns bool // psd_ass_active: use Assign, not Add and Remove
}

// Parse reads a list as psecflags(1) and zonecfg(8) do (secflags_parse). Its words are
// separated by commas, in either case: names of flags, which are added, or removed after
// "-" or "!"; "all"; "none", which removes all; "default", which adds *defaults; and
// "current", which makes the list change a set instead of replacing it. A flag that is
// both added and removed is removed, wherever it is in the list: "none,aslr" is none.
// An [*Error] with EINVAL for any other word, including the empty one, and for "default"
// when defaults is nil.
func Parse(list string, defaults *Set) (Delta, error) {
	var d Delta
	relative := false
	for word := range strings.SplitSeq(list, ",") {
		switch lower(word) {
		case "default":
			if defaults == nil {
				return Delta{}, &Error{Text: list, Reason: "default is not allowed here", Err: errno.EINVAL}
			}
			d.Add |= *defaults
			continue
		case "all":
			d.Add |= All
			continue
		case "none":
			d.Remove |= All
			continue
		case "current":
			relative = true
			continue
		}
		name, set := word, &d.Add
		switch {
		case strings.HasPrefix(word, "-"), strings.HasPrefix(word, "!"):
			name, set = word[1:], &d.Remove
		case strings.HasPrefix(word, "+"):
			name = word[1:]
		}
		f, ok := Lookup(name)
		if !ok {
			return Delta{}, &Error{Text: list, Reason: "no flag is named " + strings.ToValidUTF8(name, "\uFFFD"), Err: errno.EINVAL}
		}
		*set |= 1 << f
	}
	if !relative {
		return Delta{Assign: d.Add &^ d.Remove, Assigns: true}, nil
	}
	return d, nil
}

// ParseSpec is [Parse] for the argument of psecflags(1)'s -s: a list after "L=", "U=" or
// "I=", which names the set. Without that it is the inheritable set. EINVAL for any other
// letter, including E: the effective flags can't be changed.
func ParseSpec(spec string) (Which, Delta, error) {
	which := Inherit
	list := spec
	if len(spec) >= 2 && spec[1] == '=' {
		list = spec[2:]
		switch spec[0] {
		case 'L':
			which = Lower
		case 'U':
			which = Upper
		case 'I':
		case 'E':
			return 0, Delta{}, &Error{Text: spec, Reason: "the effective flags cannot be changed", Err: errno.EINVAL}
		default:
			return 0, Delta{}, &Error{Text: spec, Reason: "unknown security flag set: '" + strings.ToValidUTF8(spec[:1], "\uFFFD") + "'", Err: errno.EINVAL}
		}
	}
	d, err := Parse(list, nil)
	return which, d, err
}

// Of returns the set after the change.
func (d Delta) Of(s Set) Set {
	if d.Assigns {
		return d.Assign
	}
	return (s | d.Add) &^ d.Remove
}

// String returns the change as a list that [Parse] reads.
func (d Delta) String() string {
	if d.Assigns {
		return d.Assign.String()
	}
	parts := []string{"current"}
	for f := range d.Add.Flags() {
		parts = append(parts, f.String())
	}
	for f := range d.Remove.Flags() {
		parts = append(parts, "-"+f.String())
	}
	return strings.Join(parts, ",")
}
