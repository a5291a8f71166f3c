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
	old      zonecfg.Resource // what select found; nil after add

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
	if _, ok := s.options(c, ""); !ok {
		return
	}
	switch {
	case !s.writable("add") || !s.load(true):
	case s.open != nil:
		s.addValue(c)
	case c.Resource == "":
		s.longUsage("add")
	case s.global() && slices.Contains(notForGlobal, c.Resource):
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
		if s.global() {
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
		if s.global() {
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
	if _, ok := s.options(c, ""); !ok {
		return
	}
	if s.open == nil {
		s.fail("The cancel command only makes sense in the resource scope.")
	}
	s.open = nil
}

// choose is the command select.
func (s *Session) choose(c *Command) {
	if _, ok := s.options(c, ""); !ok || !s.writable("select") {
		return
	}
	if s.open != nil {
		s.fail("The select command only makes sense in the global scope.")
		return
	}
	o := &scope{resource: c.Resource}
	if !s.load(true) {
		s.open = o
		return
	}
	switch c.Resource {
	case "dedicated-cpu":
		if s.zone.DedicatedCPU == nil {
			s.failWith("select dedicated-cpu", zonecfg.ErrNoEntry)
			return
		}
	case "capped-cpu":
		if _, set, blocked := s.zone.Alias(alias("ncpus")); !set {
			err := zonecfg.ErrNoEntry
			if blocked {
				err = zonecfg.ErrAliasDisallowed
			}
			s.failWith("select capped-cpu", err)
			return
		}
	case "capped-memory":
		if !s.hasMemory() {
			s.failWith("select capped-memory", zonecfg.ErrNoResourceType)
			return
		}
	}
	old, err := s.find(c)
	if err != nil {
		s.failWith("select "+c.Resource, err)
		return
	}
	o.fill(old)
	s.open = o
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
	if _, ok := s.options(c, ""); !ok {
		return
	}
	if s.open == nil {
		s.fail("The end command only makes sense in the resource scope.")
		return
	}
	if s.zone == nil {
		s.load(true)
		return
	}
	if !s.complete() {
		s.failed = true
		return
	}
	if err := s.put(); err != nil {
		s.failWith(s.name, err)
		return
	}
	s.open, s.unsaved = nil, true
}

// complete says what the open resource lacks, or has that can't be.
func (s *Session) complete() bool {
	o, z := s.open, s.zone
	var problems []error
	var added zonecfg.Resource
	switch o.resource {
	case "fs":
		problems, added = o.fs.Check(), o.fs
	case "net":
		problems, added = o.net.Check(), o.net
	case "device":
		problems, added = o.device.Check(), o.device
	case "rctl":
		problems, added = o.rctl.Check(), o.rctl
	case "attr":
		problems, added = o.attr.Check(), o.attr
	case "dataset":
		problems, added = o.dataset.Check(), o.dataset
	case "admin":
		problems, added = o.admin.Check(s.name, s.Machine), o.admin
	case "dedicated-cpu":
		problems = o.cpu.Check()
	case "capped-cpu":
		if _, set, _ := z.Alias(alias("ncpus")); !set {
			s.say("ncpus not specified")
			return false
		}
	case "capped-memory":
		if err := z.CheckMemory(o.memory); err != nil {
			problems = []error{err}
		}
	case "security-flags":
		return s.flagsComplete()
	}
	for _, err := range problems {
		s.say("%s", err)
	}
	if len(problems) > 0 {
		return false
	}
	if o.old != nil || added == nil {
		return true
	}
	if err := z.CheckDuplicate(added); err != nil {
		s.say("%s", err)
		return false
	}
	return true
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
	var r zonecfg.Resource
	switch o.resource {
	case "fs":
		r = o.fs
	case "net":
		r = o.net
	case "device":
		r = o.device
	case "rctl":
		r = o.rctl
	case "attr":
		r = o.attr
	case "dataset":
		r = o.dataset
	case "dedicated-cpu":
		r = o.cpu
	case "admin":
		r = o.admin
	case "security-flags":
		r = o.secflags
	case "capped-memory":
		if z.CappedMemory != nil {
			if err := z.Remove(*z.CappedMemory); err != nil {
				return err
			}
		}
		if o.memory != nil {
			z.Append(*o.memory)
		}
		return nil
	default:
		return nil
	}
	if o.old != nil {
		return z.Replace(o.old, r)
	}
	z.Append(r)
	return nil
}
