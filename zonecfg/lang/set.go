package lang

import (
	"errors"
	"slices"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg"
)

func (s *Session) set(c *Command) {
	options, rest, unknown := getopt(c.Words, "F")
	if unknown == '?' {
		s.helpOn("set")
		return
	}
	if !s.writable("set") {
		return
	}
	if unknown != 0 || len(rest) > 0 {
		s.shortUsage("set")
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
	if s.global() && onlyOfZones(property) {
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
	s.name, s.committed = name, name
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
		if s.global() && property != "cpu-shares" {
			s.say(globalControl)
		}
		s.setAlias(alias(property), value)
		return
	}
	if len(value) >= room(property) {
		s.failWith(s.name, zonecfg.ErrTooBig)
		return
	}
	s.changed(s.name, s.zone.Set(property, value))
}

// room returns how long the text of a property of the zone may be, with the NUL that
// the system's tools put behind it.
func room(property string) int {
	switch property {
	case "zonepath", "fs-allowed":
		return 1024 // MAXPATHLEN, ZONE_FS_ALLOWED_MAX
	case "limitpriv":
		return 1 << 16 // of any length there
	}
	return 256 // MAXNAMELEN, BOOTARGS_MAX
}

// changed says what went wrong with a change, or notes that there is one to commit.
func (s *Session) changed(what string, err error) {
	if err != nil {
		s.refuse(what, err)
		return
	}
	s.unsaved = true
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
	if name == s.zone.Name {
		return
	}
	err := zonecfg.ValidName(name)
	switch {
	case err != nil:
	case zonecfg.ReservedName(name):
		err = zonecfg.ErrBogusName
	case name == s.committed && !s.created: // the old one again
	default:
		if _, missing := s.Store.State(name); missing == nil {
			err = zonecfg.ErrNameInUse
			break
		}
		if state, missing := s.Store.State(s.committed); missing == nil && state > zonecfg.Installed {
			err = zonecfg.ErrBadState
		}
	}
	if s.Live != nil && err == nil {
		err = zonecfg.ErrBadState
	}
	if err == nil {
		err = s.zone.Set("zonename", name)
	}
	if err != nil {
		code, _ := codeOf(err)
		s.failWith(name, code)
		UsageOfNames(s.Err)
		return
	}
	s.name, s.unsaved = name, true
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

// cut returns a value as it fits where the system's tools keep it, and says so.
func (s *Session) cut(property, value string, room int) string {
	if len(value) < room {
		return value
	}
	s.say("Warning: %s is longer than %d bytes; the rest of it is cut off", property, room-1)
	return value[:room-1]
}

const (
	pathRoom = 1024 // MAXPATHLEN
	nameRoom = 256  // MAXNAMELEN
	authRoom = 4096 // MAXAUTHS
)

// setInScope sets a property of the open resource.
func (s *Session) setInScope(p Pair) {
	o, value := s.open, p.Value.Text
	if !slices.Contains(propertiesOf[o.resource], p.Property) {
		s.failWith(p.Property, zonecfg.ErrNoProperty)
		s.longUsage("set")
		lists(s.Err, false, true)
		return
	}
	switch o.resource + " " + p.Property {
	case "fs dir":
		o.fs.Dir = s.cut("dir", value, pathRoom)
	case "fs special":
		o.fs.Special = s.cut("special", value, pathRoom)
	case "fs raw":
		o.fs.Raw = s.cut("raw", value, pathRoom)
	case "fs type":
		if s.takes(zonecfg.CheckFSType(value)) {
			o.fs.Type = s.cut("type", value, nameRoom)
		}
	case "fs options":
		if s.expects(p.Value, Simple, List) {
			o.fs.Options = nil
			s.addOptions(p.Value)
		}
	case "net address":
		if s.takesAddress(zonecfg.CheckAddress(value)) {
			o.net.Address = value
		}
	case "net allowed-address":
		if s.takesAddress(zonecfg.CheckAddress(value)) {
			o.net.AllowedAddress = value
		}
	case "net defrouter":
		warning, err := zonecfg.CheckRouter(value)
		if s.takesAddress(err) {
			if warning != "" {
				s.say("%s", warning)
			}
			o.net.Defrouter = value
		}
	case "net physical":
		if s.takes(zonecfg.CheckPhysical(value, s.zone.IPType)) {
			o.net.Physical = value
		}
	case "device match":
		o.device.Match = s.cut("match", value, pathRoom)
	case "rctl name":
		if err := zonecfg.CheckRctlName(value); err != nil {
			s.say("%s", err)
			return
		}
		o.rctl.Name = s.cut("name", value, nameRoom)
	case "rctl value":
		if s.expects(p.Value, Complex, List) {
			o.rctl.Values = nil
			s.addValues(p.Value)
		}
	case "attr name":
		o.attr.Name = s.cut("name", value, nameRoom)
	case "attr type":
		o.attr.Type = s.cut("type", value, nameRoom)
	case "attr value":
		o.attr.Value = s.cut("value", value, nameRoom)
	case "dataset name":
		o.dataset.Name = s.cut("name", value, nameRoom)
	case "dedicated-cpu ncpus":
		cpu, err := zonecfg.ParseNCPUs(value)
		if s.takes(err) {
			o.cpu.Min, o.cpu.Max = cpu.Min, cpu.Max
		}
	case "dedicated-cpu importance":
		if s.takes(zonecfg.CheckImportance(value)) {
			o.cpu.Importance = value
		}
	case "capped-cpu ncpus":
		s.setAlias(alias("ncpus"), value)
	case "capped-memory physical":
		m, err := zonecfg.ParsePhysical(value)
		if s.takes(err) {
			o.memory = &m
		}
	case "capped-memory swap", "capped-memory locked":
		s.setMemory(p.Property, value)
	case "admin user":
		o.admin.User = s.cut("user", value, nameRoom)
	case "admin auths":
		o.admin.Auths = s.cut("auths", value, authRoom)
	case "security-flags default":
		o.secflags.Default = s.cut("default", value, pathRoom)
	case "security-flags lower":
		o.secflags.Lower = s.cut("lower", value, pathRoom)
	case "security-flags upper":
		o.secflags.Upper = s.cut("upper", value, pathRoom)
	}
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
