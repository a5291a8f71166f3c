package secflags

import (
	"cmp"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Config is the security-flags resource of a zone as its configuration has it:
// lists as text, "" for a property that isn't set.
type Config struct {
	Default string `json:"default,omitempty"`
	Lower   string `json:"lower,omitempty"`
	Upper   string `json:"upper,omitempty"`
}

// Sets returns the four sets that zoneadmd gives to a zone. The lower set is none
// where it isn't set, the default one the lower, the upper one all; the default
// one is inherited and effective. A zone without the resource has the brand's
// own list as Default. EINVAL with zoneadmd's text for a list that can't be
// parsed or is relative, and for sets that break the rules of [Sets.Check].
func (c Config) Sets() (Sets, error) {
	least := cmp.Or(c.Lower, "none")
	var s Sets
	for _, one := range []struct {
		name, list string
		set        *Set
	}{{"default", cmp.Or(c.Default, least), &s.Inherit}, {"lower", least, &s.Lower}, {"upper", cmp.Or(c.Upper, "all"), &s.Upper}} {
		d, err := Parse(one.list, nil)
		if err != nil {
			return Sets{}, &ConfigError{Text: fmt.Sprintf("failed to parse %s security-flags '%s': %v", one.name, one.list, errno.EINVAL), Err: err}
		}
		if !d.Assigns {
			return Sets{}, &ConfigError{Text: fmt.Sprintf("relative security-flags are not allowed (%s security-flags: '%s')", one.name, one.list), Err: errno.EINVAL}
		}
		*one.set = d.Assign
	}
	s.Effective = s.Inherit
	if err := s.Check(); err != nil {
		return Sets{}, &ConfigError{Text: "security-flags violate invariants", Err: err}
	}
	return s, nil
}

// Verify returns what zonecfg(8) says about the resource when it verifies a zone,
// a line each, and whether the zone passes: a relative list is complained about
// and let pass, as there. Here a default that isn't set is none, not the lower.
func (c Config) Verify() (messages []string, ok bool) {
	say := func(format string, args ...any) { messages = append(messages, fmt.Sprintf(format, args...)) }
	ok = true
	parse := func(name, list string, unset Set) Delta {
		if list == "" {
			return Delta{Assign: unset, Assigns: true}
		}
		d, err := Parse(list, nil)
		if err != nil {
			say("%s security flags '%s' are invalid", name, list)
			ok = false
		}
		return d
	}
	def := parse("default", c.Default, None)
	upper := parse("upper", c.Upper, All)
	lower := parse("lower", c.Lower, None)
	for _, one := range []struct {
		name, list string
		delta      Delta
	}{{"default", c.Default, def}, {"lower", c.Lower, lower}, {"upper", c.Upper, upper}} {
		if !one.delta.Assigns { // an invalid list is that too
			say("only assignment of security flags is allowed (%s: %s)", one.name, one.list)
		}
	}
	rule := func(holds bool, text string) {
		if !holds {
			say("%s", text)
			ok = false
		}
	}
	rule(def.Assign.Within(upper.Assign), "default secflags must be within the upper limit")
	rule(lower.Assign.Within(def.Assign), "default secflags must be above the lower limit")
	rule(lower.Assign.Within(upper.Assign), "lower secflags must be within the upper limit")
	return messages, ok
}

// ConfigError is why a zone can't be given the flags of its configuration: the
// text of zoneadmd, and the error behind it.
type ConfigError struct {
	Text string
	Err  error
}

func (e *ConfigError) Error() string { return e.Text }
func (e *ConfigError) Unwrap() error { return e.Err }
