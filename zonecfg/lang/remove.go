package lang

import (
	"fmt"
	"slices"

	"github.com/gozones/zones/zonecfg"
)

func (s *Session) remove(c *Command) {
	if !s.writable("remove") {
		return
	}
	if s.open != nil {
		s.removeValue(c)
		return
	}
	if s.isGlobal && slices.Contains(notForGlobal, c.Resource) {
		s.fail("%s is not a valid resource for the global zone.", c.Resource)
		return
	}
	if c.Resource == "" {
		s.longUsage("remove")
		return
	}
	options, _, ok := s.options(c, "?F")
	if !ok || !s.load(true) {
		return
	}
	what := "remove " + c.Resource
	switch c.Resource {
	case "dedicated-cpu":
		if s.zone.DedicatedCPU == nil {
			s.failWith(what, zonecfg.ErrNoEntry)
			return
		}
		s.changed(what, s.zone.Remove(*s.zone.DedicatedCPU))
	case "capped-cpu":
		if !s.capped() {
			s.failWith(what, zonecfg.ErrNoResourceType)
			return
		}
		s.changed(what, s.zone.ClearAlias(alias("ncpus")))
	case "capped-memory":
		s.removeMemory()
	case "security-flags":
		if s.zone.SecurityFlags == nil {
			s.say("%s: %s", what, zonecfg.ErrNoResourceType)
			return
		}
		s.changed(what, s.zone.Remove(*s.zone.SecurityFlags))
	default:
		if len(c.Pairs) > 0 {
			s.removeOne(c)
		} else {
			s.removeAll(c.Resource, len(options) > 0)
		}
	}
}

// removeMemory takes the cap on physical memory out, and those that are resource
// controls.
func (s *Session) removeMemory() {
	if !s.hasMemory() {
		s.failWith("remove capped-memory", zonecfg.ErrNoResourceType)
		return
	}
	if m := s.zone.CappedMemory; m != nil {
		s.changed("remove capped-memory", s.zone.Remove(*m))
	}
	for _, name := range []string{"swap", "locked"} {
		if _, set, _ := s.zone.Alias(alias(name)); set {
			s.changed("remove capped-memory", s.zone.ClearAlias(alias(name)))
		}
	}
}

func (s *Session) removeOne(c *Command) {
	what := "remove " + c.Resource
	r, err := s.find(c)
	if err == nil {
		err = s.takeOut(c.Resource, r)
	}
	s.changed(what, err)
}

func (s *Session) removeAll(resource string, force bool) {
	there := resourcesOf(s.zone, resource)
	if len(there) == 0 {
		s.failWith("remove "+resource, zonecfg.ErrNoEntry)
		return
	}
	if len(there) > 1 && !force {
		if !s.terminal {
			s.fail("There are multiple instances of this resource.  Either qualify the resource to\nremove a single instance or use the -F option to remove all instances.")
			return
		}
		yes, asked := s.ask(fmt.Sprintf("Are you sure you want to remove ALL '%s' resources", resource))
		if !asked {
			s.say("Resource incomplete.")
		}
		if !yes {
			return
		}
	}
	for _, r := range there {
		s.changed("remove "+resource, s.zone.Remove(r))
	}
}

func (s *Session) clear(c *Command) {
	if !s.writable("clear") {
		return
	}
	switch {
	case s.open != nil:
		if s.load(true) {
			s.clearInScope(c.Property)
		}
	case s.isGlobal && onlyOfZones(c.Property):
		s.fail("%s is not a valid property for the global zone.", c.Property)
	case s.load(true):
		s.clearGlobal(c.Property)
	}
}

func (s *Session) clearGlobal(property string) {
	err := s.zone.Clear(property)
	code, _ := codeOf(err)
	switch {
	case code == zonecfg.ErrNoProperty:
		s.failWith(property, code)
		s.longUsage("clear")
		lists(s.Err, false, true)
		s.hint(property, globalProperties()...)
	case code == zonecfg.ErrClearDisallowed:
		s.failWith(property, code)
	default:
		s.changed("clear "+property, err)
	}
}

func (s *Session) clearInScope(property string) {
	o := s.open
	switch o.resource + " " + property {
	case "fs raw":
		o.fs.Raw = ""
	case "dedicated-cpu importance":
		o.cpu.Importance = ""
	case "capped-memory physical":
		o.memory = nil
	case "capped-memory swap", "capped-memory locked":
		s.changed("clear "+property, s.zone.ClearAlias(alias(property)))
		return
	case "security-flags default":
		o.secflags.Default = ""
	case "security-flags lower":
		o.secflags.Lower = ""
	case "security-flags upper":
		o.secflags.Upper = ""
	default:
		s.failWith(property, zonecfg.ErrClearDisallowed)
		return
	}
	s.unsaved = true
}
