package lang

import (
	"slices"

	"github.com/gozones/zones/zonecfg"
)

// scope is an open resource. What is set waits here for end, but for the aliases of
// resource controls (swap, locked, and ncpus of capped-cpu): those are in the
// configuration at once, and cancel doesn't undo them.
type scope struct {
	resource string
	selected bool             // by select, not begun by add
	old      zonecfg.Resource // what select found, if it is in the configuration

	fs       zonecfg.FS
	net      zonecfg.Net
	device   zonecfg.Device
	rctl     zonecfg.Rctl
	attr     zonecfg.Attr
	dataset  zonecfg.Dataset
	cpu      zonecfg.DedicatedCPU
	memory   *zonecfg.CappedMemory
	admin    zonecfg.Admin
	secflags zonecfg.SecurityFlags
}

// notForGlobal are the resources that the global zone can't have.
var notForGlobal = []string{"fs", "net", "device", "attr", "dataset"}

const (
	globalControl = "WARNING: Setting a global zone resource control too low could deny\nservice to even the root user; this could render the system impossible\nto administer.  Please use caution."
	globalMemory  = "WARNING: Setting a global zone memory cap too low could deny\nservice to even the root user; this could render the system impossible\nto administer.  Please use caution."
)

func (s *Session) add(c *Command) {
	if _, ok := s.only(c, "?"); !ok {
		s.hint(c.Words[0], resources...)
		return
	}
	switch {
	case !s.writable("add") || !s.load(true):
	case s.open != nil:
		s.addValue(c)
	case c.Resource == "":
		s.longUsage("add")
	case s.isGlobal && slices.Contains(notForGlobal, c.Resource):
		s.fail("Cannot add a %s resource to the global zone.", c.Resource)
	case s.addable(c.Resource):
		s.open = &scope{resource: c.Resource}
	}
}

// addable looks for what a new resource can't be with. Such a conflict is no mistake
// to the exit status.
func (s *Session) addable(resource string) bool {
	z := s.zone
	_, capped, blocked := z.Alias(alias("ncpus"))
	switch resource {
	case "rctl":
		if s.isGlobal {
			s.say(globalControl)
		}
	case "dedicated-cpu":
		switch {
		case z.DedicatedCPU != nil:
			s.say("The dedicated-cpu resource already exists.")
			return false
		case capped || blocked:
			s.say("The capped-cpu resource already exists.")
			return false
		case z.Pool != "":
			s.say("The pool property is already set.  A persistent pool is incompatible with\nthe dedicated-cpu resource.")
			return false
		}
	case "capped-cpu":
		switch {
		case z.DedicatedCPU != nil:
			s.say("The dedicated-cpu resource already exists.")
			return false
		case blocked:
			s.say("capped-cpu: %s", zonecfg.ErrAliasDisallowed)
			return false
		case capped:
			s.say("The capped-cpu resource already exists.")
			return false
		}
	case "capped-memory":
		if s.hasMemory() {
			s.say("The capped-memory resource or a related resource control already exists.")
			return false
		}
		if s.isGlobal {
			s.say(globalMemory)
		}
	case "security-flags":
		if z.SecurityFlags != nil {
			s.say("The security-flags resource already exists.")
		}
	}
	return true
}

// hasMemory tells whether the zone has any of the caps that are shown as
// capped-memory.
func (s *Session) hasMemory() bool {
	_, swap, _ := s.zone.Alias(alias("swap"))
	_, locked, _ := s.zone.Alias(alias("locked"))
	return s.zone.CappedMemory != nil || swap || locked
}

func (s *Session) cancel(c *Command) {
	if _, ok := s.only(c, "?"); !ok {
		return
	}
	if s.open == nil {
		s.fail("The cancel command only makes sense in the resource scope.")
	}
	s.open = nil
}

// choose is the command select. Where no configuration can be loaded, the scope is
// open all the same, with nothing in it.
func (s *Session) choose(c *Command) {
	if !s.writable("select") {
		return
	}
	if s.open != nil {
		s.fail("The select command only makes sense in the global scope.")
		return
	}
	o := &scope{resource: c.Resource, selected: true}
	if !s.load(true) {
		s.open = o
		return
	}
	old, err := s.selected(c)
	if err != nil {
		s.failWith("select "+c.Resource, err)
		return
	}
	o.fill(old)
	s.open = o
}

// selected returns the resource that select is about; nil for one that only stands for
// resource controls.
func (s *Session) selected(c *Command) (zonecfg.Resource, error) {
	z := s.zone
	switch c.Resource {
	case "dedicated-cpu":
		if z.DedicatedCPU == nil {
			return nil, zonecfg.ErrNoEntry
		}
		return *z.DedicatedCPU, nil
	case "capped-cpu":
		switch _, set, blocked := z.Alias(alias("ncpus")); {
		case blocked:
			return nil, zonecfg.ErrAliasDisallowed
		case !set:
			return nil, zonecfg.ErrNoEntry
		}
		return nil, nil
	case "capped-memory":
		switch {
		case !s.hasMemory():
			return nil, zonecfg.ErrNoResourceType
		case z.CappedMemory == nil:
			return nil, nil
		}
		return *z.CappedMemory, nil
	}
	return s.find(c)
}

// fill begins a scope with a resource that there is; nil for one that only stands for
// resource controls.
func (o *scope) fill(old zonecfg.Resource) {
	o.old = old
	switch r := old.(type) {
	case zonecfg.FS:
		r.Options = slices.Clone(r.Options)
		o.fs = r
	case zonecfg.Net:
		o.net = r
	case zonecfg.Device:
		o.device = r
	case zonecfg.Rctl:
		r.Values = slices.Clone(r.Values)
		o.rctl = r
	case zonecfg.Attr:
		o.attr = r
	case zonecfg.Dataset:
		o.dataset = r
	case zonecfg.DedicatedCPU:
		o.cpu = r
	case zonecfg.CappedMemory:
		o.memory = &r
	case zonecfg.Admin:
		o.admin = r
	case zonecfg.SecurityFlags:
		o.secflags = r
	}
}

// end is the command end: it checks the open resource and puts it into the
// configuration. When it won't do, it stays open with what is in it.
func (s *Session) end(c *Command) {
	if _, ok := s.only(c, "?"); !ok {
		return
	}
	if s.open == nil {
		s.fail("The end command only makes sense in the resource scope.")
		return
	}
	if !s.complete() {
		s.failed = true
		return
	}
	if err := s.put(); err != nil {
		s.failWith(s.name, err)
		s.open.fs.Options = nil // as there
		return
	}
	s.open, s.unsaved = nil, true
}

// current returns the open resource as it would be put into the configuration; nil for
// one that only stands for resource controls.
func (o *scope) current() zonecfg.Resource {
	switch o.resource {
	case "fs":
		return o.fs
	case "net":
		return o.net
	case "device":
		return o.device
	case "rctl":
		return o.rctl
	case "attr":
		return o.attr
	case "dataset":
		return o.dataset
	case "dedicated-cpu":
		return o.cpu
	case "admin":
		return o.admin
	case "security-flags":
		return o.secflags
	}
	return nil
}

// complete says what the open resource lacks, or has that can't be.
func (s *Session) complete() bool {
	o := s.open
	var problems []error
	switch o.resource {
	case "fs":
		problems = o.fs.Check()
	case "net":
		problems = o.net.Check()
	case "device":
		problems = o.device.Check()
	case "rctl":
		problems = o.rctl.Check()
	case "attr":
		problems = o.attr.Check()
	case "dataset":
		problems = o.dataset.Check()
	case "admin":
		problems = o.admin.Check(s.name, s.Machine)
	case "dedicated-cpu":
		problems = o.cpu.Check()
	case "capped-cpu":
		if !s.capped() {
			s.say("ncpus not specified")
			return false
		}
	case "capped-memory":
		z := s.zone
		if z == nil {
			z = new(zonecfg.Zone)
		}
		if err := z.CheckMemory(o.memory); err != nil {
			problems = []error{err}
		}
	case "security-flags":
		return s.flagsComplete()
	}
	for _, err := range problems {
		s.sayProblem(err.Error())
	}
	added := o.current()
	if len(problems) > 0 || o.selected || added == nil || s.zone == nil {
		return len(problems) == 0
	}
	if err := s.zone.CheckDuplicate(added); err != nil {
		s.say("%s", err)
		return false
	}
	return true
}

// capped tells whether the zone has a cap on processors.
func (s *Session) capped() bool {
	if s.zone == nil {
		return false
	}
	_, set, _ := s.zone.Alias(alias("ncpus"))
	return set
}

// flagsComplete checks security flags: of their messages some count for nothing.
func (s *Session) flagsComplete() bool {
	ok := true
	for _, err := range s.open.secflags.Check() {
		s.say("%s", err)
		code, _ := codeOf(err)
		ok = ok && code == 0
	}
	return ok
}

// put puts the open resource into the configuration: at its end, whatever the place
// of the one that was selected.
func (s *Session) put() error {
	o, z := s.open, s.zone
	switch {
	case z == nil:
		return zonecfg.ErrBadHandle
	case o.resource == "capped-memory":
		return s.putMemory()
	case o.current() == nil:
		return nil
	}
	if o.selected {
		if err := s.takeOut(o.resource, o.old); err != nil {
			return err
		}
	}
	z.Append(o.current())
	return nil
}

// putMemory puts the cap on physical memory in the place of the zone's.
func (s *Session) putMemory() error {
	z, physical := s.zone, s.open.memory
	if z.CappedMemory != nil && (physical != nil || s.open.selected) {
		if err := z.Remove(*z.CappedMemory); err != nil {
			return err
		}
	}
	if physical != nil {
		z.Append(*physical)
	}
	return nil
}
