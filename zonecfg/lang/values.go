package lang

import (
	"slices"

	"github.com/gozones/zones/zonecfg"
)

var kindNames = map[ValueKind]string{Simple: "simple", Complex: "complex", List: "list"}

// expects says so when a value has neither of two forms.
func (s *Session) expects(v Value, one, other ValueKind) bool {
	if v.Kind == one || v.Kind == other {
		return true
	}
	s.fail("A %s or %s value was expected here.", kindNames[one], kindNames[other])
	return false
}

// several returns the property of the open resource that can have several values; it
// says so when that isn't the given one.
func (s *Session) several(c *Command, command string) (Pair, bool) {
	if len(c.Pairs) != 1 {
		s.longUsage(command)
		return Pair{}, false
	}
	if !s.load(true) {
		return Pair{}, false
	}
	p := c.Pairs[0]
	want := map[string]string{"fs": "options", "rctl": "value"}[s.open.resource]
	if command == "remove" && s.open.resource == "net" {
		want = "defrouter"
	}
	switch want {
	case p.Property:
		return p, true
	case "":
		s.failWith(s.open.resource, zonecfg.ErrNoResourceType)
		s.longUsage(command)
		lists(s.Err, true, false)
	default:
		s.failWith(p.Property, zonecfg.ErrNoProperty)
		s.longUsage(command)
		lists(s.Err, false, true)
	}
	return Pair{}, false
}

// addValue is the command add in a resource.
func (s *Session) addValue(c *Command) {
	p, ok := s.several(c, "add")
	switch {
	case !ok:
	case p.Property == "options" && s.expects(p.Value, Simple, List):
		s.addOptions(p.Value)
	case p.Property == "value" && s.expects(p.Value, Complex, List):
		s.addValues(p.Value)
	}
}

// words returns the words of a simple value or of a list, up to what isn't one.
func words(v Value) []string {
	if v.Kind == Simple {
		return []string{v.Text}
	}
	var out []string
	for _, item := range v.Items {
		if item.Kind != Simple {
			break
		}
		out = append(out, item.Text)
	}
	return out
}

func (s *Session) addOptions(v Value) {
	for _, w := range words(v) {
		s.open.fs.Options = append(s.open.fs.Options, cut("fs", "options", w))
	}
}

func (s *Session) addValues(v Value) {
	items := v.Items
	if v.Kind == Complex {
		items = []Value{v}
	}
	for _, item := range items {
		if value, ok := s.rctlValue(item, true); ok {
			s.open.rctl.Values = append(s.open.rctl.Values, value)
		}
	}
}

// rctlValue reads (priv=...,limit=...,action=...). strict: all three once, and a value
// that a zone can have; what is wrong then is said and is no mistake to the exit
// status.
func (s *Session) rctlValue(v Value, strict bool) (value zonecfg.RctlValue, ok bool) {
	parts := []struct {
		name string
		text *string
		seen bool
	}{{"priv", &value.Priv, false}, {"limit", &value.Limit, false}, {"action", &value.Action, false}}
pieces:
	for _, piece := range v.Pieces {
		for i := range parts {
			if parts[i].name != piece.Property {
				continue
			}
			if parts[i].seen && strict {
				s.say("%s already specified", piece.Property)
				return value, false
			}
			parts[i].seen, *parts[i].text = true, cut("rctl", piece.Property, piece.Value.Text)
			continue pieces
		}
		s.failWith("value", zonecfg.ErrNoProperty)
		s.longUsage("add")
		lists(s.Err, false, true)
		return value, false
	}
	if !strict {
		return value, true
	}
	ok = true
	for _, part := range parts {
		if !part.seen {
			s.say("%s not specified", part.name)
			ok = false
		}
	}
	if !ok {
		return value, false
	}
	if err := zonecfg.CheckRctlValue(value); err != nil {
		s.say("%s", err)
		return value, false
	}
	return value, true
}

// removeValue is the command remove in a resource.
func (s *Session) removeValue(c *Command) {
	p, ok := s.several(c, "remove")
	switch {
	case !ok:
	case p.Property == "defrouter":
		s.open.net.Defrouter = "" // whatever the value
	case p.Property == "options":
		if s.expects(p.Value, Simple, List) {
			s.removeOptions(p.Value)
		}
	case p.Value.Kind != Complex:
		s.fail("A complex value was expected here.")
	default:
		value, ok := s.rctlValue(p.Value, false)
		if !ok {
			return
		}
		values := &s.open.rctl.Values
		i := slices.Index(*values, value)
		if i < 0 {
			s.failWith("value", zonecfg.ErrNoPropertyID)
			return
		}
		*values = slices.Delete(*values, i, i+1)
	}
}

func (s *Session) removeOptions(v Value) {
	for _, w := range words(v) {
		options := &s.open.fs.Options
		i := slices.Index(*options, w)
		if i < 0 {
			s.failWith("options", zonecfg.ErrNoPropertyID)
			continue
		}
		*options = slices.Delete(*options, i, i+1)
	}
}
