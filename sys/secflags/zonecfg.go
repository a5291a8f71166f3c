package secflags

import (
	"cmp"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Config is the security-flags resource of a zone's configuration. Each property is a
// list as [Parse] reads it, "" if it isn't set.
type Config struct {
	Default string `json:"default,omitempty"`
	Lower   string `json:"lower,omitempty"`
	Upper   string `json:"upper,omitempty"`
}

// Sets returns the sets that zoneadmd(8) gives the zone. Inherit and Effective are
// Default, or else Lower; Lower is empty if it isn't set; Upper is all flags if it isn't
// set. (For a zone without the resource, zoneadmd takes the brand's list as Default.) A
// [*ConfigError] with EINVAL and zoneadmd's message for a list that can't be parsed or is
// relative, and for sets that [Sets.Check] refuses.
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

// Verify returns the messages of zonecfg(8)'s verify about the resource, and whether it
// passes. A relative list passes with a message, as there. Other than for
// [Config.Sets], a Default that isn't set is empty.
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
		if !one.delta.Assigns { // also true for an invalid list
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

// ConfigError is the reason why a zone can't have the flags of its configuration.
type ConfigError struct {
	Text string // zoneadmd(8)'s message
	Err  error  // the cause
}

// Error returns zoneadmd(8)'s message.
func (e *ConfigError) Error() string { return e.Text }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }
