package secflags

import (
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Delta is a change of a set (secflagdelta_t): either the whole of what it is
// to be, or what is added to it and removed from it.
type Delta struct {
	Add     Set  // psd_add
	Remove  Set  // psd_rem, after adding
	Assign  Set  // psd_assign
	Assigns bool // psd_ass_active: Assign counts, Add and Remove don't
}

// Parse returns the change that a list stands for, as psecflags(1) and zonecfg(8)
// take it (secflags_parse): names of flags joined by commas, in any case, those
// after "-" or "!" removed; "all"; "none", which removes all; "default", which
// adds *defaults; and "current", with which the list changes what is there
// instead of replacing it. What is both added and removed is removed, wherever
// in the list it stands: "none,aslr" is none. EINVAL for any other name, the
// empty one among them, and for "default" where defaults is nil.
func Parse(list string, defaults *Set) (Delta, error) {
	var d Delta
	relative := false
	for word := range strings.SplitSeq(list, ",") {
		switch lower(word) {
		case "default":
			if defaults == nil {
				return Delta{}, &Error{Text: list, Reason: "there is no default here", Err: errno.EINVAL}
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

// ParseSpec is Parse for the argument of psecflags -s: the list may follow the
// letter of the set it is for, "L=", "U=" or "I=", without which it is for the
// inheritable one. EINVAL for any other letter; the effective flags of a process
// can't be changed.
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

// Of returns what the change makes of a set.
func (d Delta) Of(s Set) Set {
	if d.Assigns {
		return d.Assign
	}
	return (s | d.Add) &^ d.Remove
}

// String returns a list that [Parse] reads as the same change.
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
