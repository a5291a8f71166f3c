package rctl

import (
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// TextValue is a value in a zone's configuration. It keeps the text, such as a limit of
// "0x80", as it was written.
type TextValue struct {
	Priv   string `json:"priv"`
	Limit  string `json:"limit"`
	Action string `json:"action"`
}

// String returns the value as zonecfg(8) prints it.
func (t TextValue) String() string {
	return "(priv=" + t.Priv + ",limit=" + t.Limit + ",action=" + t.Action + ")"
}

// Parse parses the text as libzonecfg does: privilege "basic" or "privileged", action
// "none", "deny" or "signal", and as limit a number of the base that its prefix (0x, 0)
// says, after blanks and a plus. Otherwise it returns an [*Error] with EINVAL. It doesn't
// check whether a zone can have the value, as [Value.CheckZone] does.
func (t TextValue) Parse() (Value, error) {
	bad := func(what, text string) (Value, error) {
		return Value{}, &Error{Reason: "invalid rctl value " + t.String() + ": " + what + " " + strconv.Quote(text), Err: errno.EINVAL}
	}
	v := Value{Recipient: -1}
	switch t.Priv {
	case "basic":
		v.Privilege = Basic
	case "privileged":
		v.Privilege = Privileged
	default:
		return bad("privilege", t.Priv)
	}
	limit, ok := parseCNumber(t.Limit)
	if !ok {
		return bad("limit", t.Limit)
	}
	v.Limit = limit
	switch t.Action {
	case "none":
		v.Action = None
	case "signal":
		v.Action = Signal
	case "deny":
		v.Action = Deny
	default:
		return bad("action", t.Action)
	}
	return v, nil
}

// TextOf returns a value as text, with the limit in decimal.
func TextOf(v Value) TextValue {
	t := TextValue{Priv: v.Privilege.String(), Limit: strconv.FormatUint(v.Limit, 10), Action: "signal"}
	switch {
	case v.Action&Deny != 0:
		t.Action = "deny"
	case v.Action == None:
		t.Action = "none"
	}
	return t
}

// parseCNumber parses all of the text as strtoull(3C) with base 0 does. A text without
// digits is 0, as there.
func parseCNumber(text string) (uint64, bool) {
	if text == "" {
		return 0, true
	}
	if text[0] == '-' {
		return 0, false
	}
	digits := strings.TrimLeft(text, " \t\n\v\f\r")
	negative := strings.HasPrefix(digits, "-") // allowed after blanks; it wraps around
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	base := 10
	switch {
	case len(digits) > 2 && (digits[:2] == "0x" || digits[:2] == "0X"):
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base, digits = 8, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil || digits[0] == '+' {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// TextEntry is a control of a configuration with its values.
type TextEntry struct {
	Name   string      `json:"name"`
	Values []TextValue `json:"values"`
}

// ZoneSet returns the controls that zoneadmd(8) passes to zone_create for those of a
// configuration. Controls that the dictionary doesn't have are left out and returned as
// unknown; controls without values are left out. If only one of zone.max-lwps and
// zone.max-processes is configured, with a single privileged value that denies, the other
// is derived from it. For a value that can't be set it returns an [*Error] with EINVAL and
// zoneadmd's message.
func ZoneSet(entries []TextEntry, dictionary []Control) (s Set, unknown []string, err error) {
	for _, e := range entries {
		c, ok := find(dictionary, e.Name)
		if !ok {
			unknown = append(unknown, e.Name)
			continue
		}
		if len(e.Values) == 0 {
			continue
		}
		values := make([]Value, 0, len(e.Values))
		for _, t := range e.Values {
			v, err := t.Parse()
			if err != nil {
				return nil, unknown, &Error{Reason: "invalid rctl value: " + t.String(), Err: errno.EINVAL}
			}
			if c.Check(v) != nil {
				return nil, unknown, &Error{Reason: t.String() + " is not a valid value for rctl '" + e.Name + "'", Err: errno.EINVAL}
			}
			values = append(values, v)
		}
		s.Put(e.Name, values...)
	}
	const lwps, processes = "zone.max-lwps", "zone.max-processes"
	lwpLimit, haveLWPs := simple(s, lwps)
	processLimit, haveProcesses := simple(s, processes)
	switch {
	case haveProcesses && s.Values(lwps) == nil:
		c, ok := find(dictionary, lwps)
		if ok {
			s.Put(lwps, Limited(min(c.Max, 10*min(processLimit, c.Max)), Deny))
		}
	case haveLWPs && s.Values(processes) == nil:
		if _, ok := find(dictionary, processes); ok {
			s.Put(processes, Limited(lwpLimit, Deny))
		}
	}
	return s, unknown, nil
}

func find(dictionary []Control, name string) (Control, bool) {
	for _, c := range dictionary {
		if c.Name == name {
			return c, true
		}
	}
	return Control{}, false
}

// simple returns the limit of a control with a single privileged value that denies.
func simple(s Set, name string) (uint64, bool) {
	values := s.Values(name)
	if len(values) != 1 || values[0].Privilege != Privileged || values[0].Action != Deny {
		return 0, false
	}
	return values[0].Limit, true
}

// Of returns the alias' limit as zonecfg(8) shows it. set is true when the configuration
// has the control once, with one value of the alias' privilege and action; blocked is true
// when it has the control in another form, which the alias can't change. The limit is the
// number that its decimal digits give: zonecfg shows a limit of 0x80 as 0.
func (a Alias) Of(entries []TextEntry) (limit uint64, set, blocked bool) {
	var values []TextValue
	found := 0
	for _, e := range entries {
		if e.Name == a.Control {
			found++
			values = e.Values
		}
	}
	switch {
	case found == 0:
		return 0, false, false
	case found > 1 || len(values) != 1 || values[0].Priv != "privileged" || values[0].Action != a.text():
		return 0, false, true
	}
	digits := values[0].Limit
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	limit, _ = strconv.ParseUint(digits[:end], 10, 64)
	return limit, true, false
}

// Entry returns the control that the alias sets for a limit.
func (a Alias) Entry(limit uint64) TextEntry {
	return TextEntry{a.Control, []TextValue{TextOf(Limited(limit, a.Action))}}
}

func (a Alias) text() string { return TextOf(Value{Action: a.Action}).Action }

// Parse parses the text of the alias, in its scale. An [*Error] with EINVAL for anything
// else and for less than Min.
func (a Alias) Parse(text string) (uint64, error) {
	var n uint64
	var err error
	switch a.Scale {
	case Bytes:
		n, err = ParseSize(text)
	case Hundreds:
		n, err = ParseCPUs(text)
	default:
		n, err = ParseCount(text)
	}
	if err != nil {
		err.(*Error).Control = a.Name
		return 0, err
	}
	if n < a.Min {
		return 0, &Error{Control: a.Name, Reason: text + " is less than the smallest limit, " + a.Format(a.Min), Err: errno.EINVAL}
	}
	return n, nil
}

// Format returns a limit as zonecfg(8)'s info prints it for the alias.
func (a Alias) Format(limit uint64) string {
	switch a.Scale {
	case Bytes:
		return FormatSize(limit)
	case Hundreds:
		return FormatCPUs(limit)
	}
	return strconv.FormatUint(limit, 10)
}
