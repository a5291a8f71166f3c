package lang

import (
	"errors"
	"slices"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg"
)

func (s *Session) set(c *Command) {
	if !s.writable("set") {
		return
	}
	s.quietOptions = true
	options, _, ok := s.options(c, "F")
	if !ok {
		return
	}
	force := len(options) > 0
	p := c.Pairs[0]
	if s.open == nil && !s.settable(p.Property) {
		return
	}
	if force {
		if s.open != nil || p.Property != "zonepath" {
			s.fail("Only zonepath setting can be forced.")
			return
		}
		if !s.FullPaths {
			s.fail("Zonepath is changeable only in an alternate root.")
			return
		}
	}
	many := s.open != nil && (s.open.resource == "fs" && p.Property == "options" || s.open.resource == "rctl" && p.Property == "value")
	if p.Value.Kind != Simple && !many {
		s.fail("A simple value was expected here.")
		return
	}
	if s.open == nil && p.Property == "zonename" && !s.had && !s.atLeast(zonecfg.Configured) {
		s.rename(p.Value.Text)
		return
	}
	switch {
	case !s.load(true):
	case s.open != nil:
		s.setInScope(p)
	default:
		s.setGlobal(p.Property, p.Value.Text, force)
	}
}

// settable tells whether a property can be set in the global scope.
func (s *Session) settable(property string) bool {
	if s.isGlobal && onlyOfZones(property) {
		s.fail("%s is not a valid property for the global zone.", property)
		return false
	}
	if !slices.Contains(globalProperties(), property) {
		s.fail("Cannot set a resource-specific property from the global scope.")
		return false
	}
	return true
}

// onlyOfZones tells of a property that the global zone hasn't got: all but the pool
// and the resource controls.
func onlyOfZones(property string) bool {
	return property != "pool" && slices.Contains(settings, property)
}

// rename takes another name before there is a zone.
func (s *Session) rename(name string) {
	if err := zonecfg.ValidName(name); err != nil {
		s.failWith(name, err)
		UsageOfNames(s.Err)
		return
	}
	s.name = name
}

func (s *Session) setGlobal(property, value string, force bool) {
	switch property {
	case "zonename":
		s.setName(value)
		return
	case "zonepath", "brand":
		if !force && s.atLeast(zonecfg.Installed) {
			s.say("Zone %s already installed; set %s not allowed.", s.name, property)
			return
		}
		if property == "zonepath" {
			var ok bool
			if value, ok = s.checkPath(value); !ok {
				return
			}
		}
	case "ip-type":
		if value == string(zonecfg.ExclusiveIP) && !s.exclusiveAllowed() {
			s.failed = true
			return
		}
	}
	if slices.Contains(zoneAliases, property) {
		if s.isGlobal && property != "cpu-shares" {
			s.say(globalControl)
		}
		s.setAlias(alias(property), value)
		return
	}
	if s.changed(s.name, s.zone.Set(property, value)) && tooLong(property, value) {
		s.advise("%s is longer than %d bytes: the system's own tools won't read it", property, nameSize-1)
	}
}

// advise prints a note, on a terminal only, that the system's own zonecfg doesn't print.
func (s *Session) advise(format string, args ...any) {
	if s.Hints {
		s.say("Note: "+format, args...)
	}
}

// changed says what went wrong with a change, or notes that there is one to commit.
func (s *Session) changed(what string, err error) bool {
	if err != nil {
		s.refuse(what, err)
		return false
	}
	s.unsaved = true
	return true
}

// checkPath returns a zonepath as it is kept: with the store's root in front.
func (s *Session) checkPath(value string) (string, bool) {
	path, err := zonecfg.CleanZonepath(value)
	if err != nil {
		s.refuse(s.name, err)
		return "", false
	}
	full := s.Store.InRoot(path)
	if s.FullPaths && full != path {
		s.fail("%s: %s: zonepath %s is not below the root %s", s.name, zonecfg.ErrBadProperty, path, s.Store.Root())
		return "", false
	}
	return full, true
}

func (s *Session) exclusiveAllowed() bool {
	if s.Machine.Brand == nil {
		return true
	}
	brand := s.brandOf(s.zone)
	rules, err := s.Machine.Brand(brand)
	if err != nil {
		s.say("%s: unknown brand.\n", s.name)
		return false
	}
	if !rules.ExclusiveIP {
		s.say("ip-type cannot be 'exclusive' when brand is '%s'.", brand)
	}
	return rules.ExclusiveIP
}

// setName gives a zone that there is another name, from the next commit on.
func (s *Session) setName(name string) {
	if err := s.renameZone(name); err != nil {
		code, _ := codeOf(err)
		s.failWith(name, code)
		UsageOfNames(s.Err)
		return
	}
	s.name, s.unsaved = name, true
}

func (s *Session) renameZone(name string) error {
	switch {
	case name == s.zone.Name:
		return nil
	case zonecfg.ReservedName(name):
		return zonecfg.ErrBogusName
	case zonecfg.ValidName(name) != nil:
		return zonecfg.ErrBogusName
	case name == s.renamedFrom: // the old one again
		s.renamedFrom = ""
		return s.zone.Set("zonename", name)
	}
	if _, err := s.Store.State(name); err == nil {
		return zonecfg.ErrNameInUse
	}
	if s.Live != nil {
		return zonecfg.ErrBadState
	}
	if !s.created {
		onDisk := s.renamedFrom
		if onDisk == "" {
			onDisk = s.zone.Name
		}
		if state, err := s.Store.State(onDisk); err == nil && state > zonecfg.Installed {
			return zonecfg.ErrBadState
		}
		s.renamedFrom = onDisk
	}
	return s.zone.Set("zonename", name)
}

// setAlias sets the resource control that an alias stands for. Where it is shown with
// a unit, the number is looked at before the control is.
func (s *Session) setAlias(a rctl.Alias, value string) {
	limit, err := s.zone.ParseAlias(a, value)
	if _, _, blocked := s.zone.Alias(a); blocked && (err == nil || a.Scale != rctl.Bytes) {
		err = zonecfg.ErrAliasDisallowed
	}
	if err == nil {
		err = s.zone.SetAlias(a, limit)
	}
	s.changed(a.Name, err)
}

// setInScope sets a property of the open resource.
func (s *Session) setInScope(p Pair) {
	o, value := s.open, cut(s.open.resource, p.Property, p.Value.Text)
	if value != p.Value.Text {
		s.advise("%s is cut to %d bytes", p.Property, len(value))
	}
	if !slices.Contains(propertiesOf[o.resource], p.Property) {
		s.failWith(p.Property, zonecfg.ErrNoProperty)
		s.longUsage("set")
		lists(s.Err, false, true)
		s.hint(p.Property, propertiesOf[o.resource]...)
		return
	}
	switch o.resource + " " + p.Property {
	case "fs dir":
		o.fs.Dir = value
	case "fs special":
		o.fs.Special = value
	case "fs raw":
		o.fs.Raw = value
	case "fs type":
		if s.takes(zonecfg.CheckFSType(p.Value.Text)) {
			o.fs.Type = value
		}
	case "fs options":
		if s.expects(p.Value, Simple, List) {
			o.fs.Options = nil
			s.addOptions(p.Value)
		}
	case "net address":
		if s.takesAddress(zonecfg.CheckAddress(p.Value.Text)) {
			o.net.Address = value
		}
	case "net allowed-address":
		if s.takesAddress(zonecfg.CheckAddress(p.Value.Text)) {
			o.net.AllowedAddress = value
		}
	case "net defrouter":
		warning, err := zonecfg.CheckRouter(p.Value.Text)
		if warning != "" {
			s.say("%s", warning)
		}
		if s.takesAddress(err) {
			o.net.Defrouter = value
		}
	case "net physical":
		if s.takes(zonecfg.CheckPhysical(p.Value.Text, s.zone.IPType)) {
			o.net.Physical = value
		}
	case "device match":
		o.device.Match = value
	case "rctl name":
		if err := zonecfg.CheckRctlName(p.Value.Text); err != nil {
			s.say("%s", err)
			return
		}
		o.rctl.Name = value
	case "rctl value":
		if s.expects(p.Value, Complex, List) {
			o.rctl.Values = nil
			s.addValues(p.Value)
		}
	case "attr name":
		o.attr.Name = value
	case "attr type":
		o.attr.Type = value
	case "attr value":
		o.attr.Value = value
	case "dataset name":
		o.dataset.Name = value
	case "dedicated-cpu ncpus":
		cpu, err := zonecfg.ParseNCPUs(p.Value.Text)
		if s.takes(err) {
			o.cpu.Min, o.cpu.Max = cutTo(cpu.Min, nameSize), cutTo(cpu.Max, nameSize)
		}
	case "dedicated-cpu importance":
		if s.takes(zonecfg.CheckImportance(p.Value.Text)) {
			o.cpu.Importance = value
		}
	case "capped-cpu ncpus":
		s.setCPUCap(value)
	case "capped-memory physical":
		m, err := zonecfg.ParsePhysical(p.Value.Text)
		if s.takes(err) {
			o.memory = &m
		}
	case "capped-memory swap", "capped-memory locked":
		s.setMemory(p.Property, p.Value.Text)
	case "admin user":
		o.admin.User = value
	case "admin auths":
		o.admin.Auths = value
	case "security-flags default":
		o.secflags.Default = value
	case "security-flags lower":
		o.secflags.Lower = value
	case "security-flags upper":
		o.secflags.Upper = value
	}
}

// setCPUCap sets the cap on processors, in the configuration at once. That the control
// stands there in another form is said after the number was looked at.
func (s *Session) setCPUCap(value string) {
	limit, err := s.zone.ParseAlias(alias("ncpus"), value)
	if err == nil {
		err = s.zone.SetAlias(alias("ncpus"), limit)
	}
	s.changed(s.name, err)
}

// setMemory sets a cap that is a resource control, in the configuration at once. That
// the control stands there in another form is said before the number is looked at.
func (s *Session) setMemory(property, value string) {
	a := alias(property)
	if _, _, blocked := s.zone.Alias(a); blocked {
		s.failWith(property, zonecfg.ErrAliasDisallowed)
		return
	}
	s.setAlias(a, value)
}

// takes says what is wrong with a value.
func (s *Session) takes(err error) bool {
	if err != nil {
		s.refuse(s.open.resource, err)
	}
	return err == nil
}

// takesAddress does so of an address, with the syntax of addresses where that helps.
func (s *Session) takesAddress(err error) bool {
	ok := s.takes(err)
	if errors.Is(err, zonecfg.ErrBogusAddress) {
		usageOfAddresses(s.Err)
	}
	return ok
}
