package lang

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gozones/zones/zonecfg"
)

// create is the command create. What it makes is on disk only after commit.
func (s *Session) create(c *Command) {
	options, ok := s.only(c, "?a:bFt:")
	if !ok || !s.writable("create") {
		return
	}
	template, path, attach, force := zonecfg.TemplateDefault, "", false, false
	for _, o := range options {
		switch o.Letter {
		case 'a':
			path, attach = cutTo(o.Argument, pathSize), true
		case 'b':
			template = zonecfg.TemplateBlank
		case 'F':
			force = true
		case 't':
			template = cutTo(o.Argument, zoneSize)
		}
	}
	if s.Live != nil {
		s.fail("%s: cannot create a running zone: leave out -r", s.name)
		return
	}
	overwrite, ok := s.mayCreate(force)
	if !ok {
		return
	}
	var z *zonecfg.Zone
	var err error
	if attach {
		if !s.FullPaths && strings.HasPrefix(path, "/") {
			path = s.Store.InRoot(path) // zonepaths are shown without the root
		}
		z, err = s.Store.Attach(s.name, path)
		if err == nil {
			z.Zonepath = s.Store.InRoot(z.Zonepath)
		}
	} else {
		z, err = s.Store.New(s.name, template)
	}
	switch {
	case err == nil:
	case attach && (errors.Is(err, zonecfg.ErrNoZone) || errors.Is(err, zonecfg.ErrInvalid)):
		fmt.Fprintln(s.Err, "invalid path to detached zone")
		return
	case attach && errors.Is(err, zonecfg.ErrInvalidDoc):
		fmt.Fprintln(s.Err, "Cannot attach to an earlier release of the operating system")
		return
	default:
		s.failWith(template, err)
		return
	}
	s.take(z)
	s.created, s.overwrite, s.unsaved = true, overwrite, true
}

// mayCreate tells whether a zone may be created, and whether it takes the place of
// another.
func (s *Session) mayCreate(force bool) (overwrite, ok bool) {
	if _, err := s.Store.Load(s.name); err != nil {
		// What can't be read may be written over.
		return !errors.Is(err, zonecfg.ErrNoZone), true
	}
	if s.atLeast(zonecfg.Installed) {
		s.say("Zone %s already installed; create not allowed.", s.name)
		return false, false
	}
	if force {
		fmt.Fprintf(s.Out, "Zone %s already exists; overwriting.\n", s.name)
		return true, true
	}
	yes, asked := s.ask(fmt.Sprintf("Zone %s already exists; create anyway", s.name))
	if !asked {
		s.say("Zone exists, input not from terminal and -F not specified:\ncreate command ignored, exiting.")
		s.quit()
	}
	return yes, yes
}

// save puts the configuration on disk: a new zone, one with another name, or the one
// that is there.
func (s *Session) save() error {
	switch {
	case s.created:
		return s.Store.Create(s.zone, s.overwrite)
	case s.renamedFrom != "":
		return s.Store.Rename(s.renamedFrom, s.zone)
	}
	return s.Store.Save(s.zone)
}

// applyLive makes the running zone what the configuration says.
func (s *Session) applyLive() error {
	now, err := s.Live.Load()
	if err != nil {
		return err
	}
	return s.Live.Apply(now, s.zone)
}

func (s *Session) verify(c *Command) {
	if _, _, ok := s.options(c, "?"); !ok {
		return
	}
	// The system's own reads a word here, which nobody told it not to.
	s.verifyAnd(len(c.Words) > 0 && c.Words[0] == "save")
}

func (s *Session) commit(c *Command) {
	if _, ok := s.only(c, "?"); !ok || !s.writable("commit") {
		return
	}
	s.verifyAnd(true)
}

// verifyAnd verifies the configuration and, if it will do, saves it.
func (s *Session) verifyAnd(save bool) {
	if !s.writable("verify") || !s.load(true) {
		return
	}
	findings := s.zone.Verify(s.Machine)
	for _, f := range findings {
		s.sayProblem(f.Text)
		s.failed = s.failed || f.Code != 0 && !f.Quiet
		if f.Stop {
			s.hintBrand(f.Code)
			return
		}
	}
	if s.open != nil {
		s.fail("resource specification incomplete")
		findings = append(findings, zonecfg.Finding{Code: zonecfg.ErrInsufficient})
	}
	result := zonecfg.Failed(findings)
	switch {
	case !save:
	case result != nil:
		s.say("Zone %s failed to verify", s.name)
	default:
		if s.Live != nil {
			result = s.applyLive()
		} else {
			result = s.disk.save(s)
		}
		if result == nil {
			s.committed, s.renamedFrom, s.created, s.overwrite, s.unsaved = s.name, "", false, false, false
		}
	}
	if result != nil {
		s.failWith(s.name, result)
	}
}

// hintBrand says which brand may have been meant where there is no such one.
func (s *Session) hintBrand(code zonecfg.Code) {
	if code == zonecfg.ErrInvalidDoc {
		s.hint(s.zone.Brand, s.Brands...)
	}
}

func (s *Session) delete(c *Command) {
	force, ok := s.forced(c)
	if !ok || !s.writable("delete") {
		return
	}
	if s.Live != nil {
		s.fail("%s: cannot delete a running zone: leave out -r", s.name)
		return
	}
	if !force && !s.confirmDelete() {
		return
	}
	s.load(true) // says so where there is none; what is left of one is deleted all the same
	if s.fatal {
		return
	}
	entry, indexed := s.Store.Entry(s.name)
	err := s.disk.destroy(s.name, force)
	code, _ := codeOf(err)
	switch {
	case err == nil && indexed == nil:
		s.orphaned(entry)
	case err == nil:
	case code == zonecfg.ErrBadState && !force:
		s.say("Zone %s not in configured state; delete not allowed.  Use -F to force delete.", s.name)
	default:
		s.failWith(s.name, err)
	}
	s.unsaved = false
	if force && s.zone == nil && s.terminal {
		fmt.Fprintln(s.Out, "Use 'create' to begin configuring a new zone.")
	}
	if !s.had {
		return
	}
	s.drop()
	z, err := s.Store.Load(s.name)
	switch {
	case err == nil:
		s.take(z)
	case !errors.Is(err, zonecfg.ErrNoZone):
		s.failWith(s.name, err)
	}
}

// orphaned says where the files of a deleted zone are, which nothing else knows any more.
func (s *Session) orphaned(was zonecfg.Entry) {
	if was.State <= zonecfg.Configured || was.Zonepath == "" {
		return
	}
	if _, err := os.Lstat(s.Store.InRoot(was.Zonepath)); err == nil {
		fmt.Fprintf(s.Err, "WARNING: zone %s was %s: its files are still in %s.\n", s.name, was.State, s.Store.InRoot(was.Zonepath))
	}
}

// confirmDelete asks whether the zone may go.
func (s *Session) confirmDelete() bool {
	if !s.load(true) {
		return false
	}
	yes, asked := s.ask("Are you sure you want to delete zone " + s.name)
	if !asked {
		s.say("Input not from terminal and -F not specified:\ndelete command ignored, exiting.")
		s.quit()
	}
	return yes
}

func (s *Session) revert(c *Command) {
	force, ok := s.forced(c)
	if !ok || !s.writable("revert") {
		return
	}
	if s.open != nil {
		s.fail("You can only use revert in the global scope.\nUse 'cancel' to cancel changes to a resource specification.")
		return
	}
	if s.zone == nil {
		s.fail("No changes to revert.")
		return
	}
	if !force {
		yes, asked := s.ask("Are you sure you want to revert")
		if !asked {
			s.say("Input not from terminal and -F not specified:\nrevert command ignored, exiting.")
			s.quit()
		}
		if !yes {
			return
		}
	}
	load := s.Store.Load
	if s.Live != nil {
		load = func(string) (*zonecfg.Zone, error) { return s.Live.Load() }
	}
	z, err := load(s.committed)
	switch {
	case err == nil:
		s.take(z)
	case errors.Is(err, zonecfg.ErrNoZone):
		s.fail("%s: no such saved zone to revert to.", s.committed)
		s.drop()
	default:
		s.failWith(s.name, err)
		s.drop()
	}
	s.name = s.committed
}

func (s *Session) exit(c *Command) {
	options, rest, ok := s.options(c, "?F")
	s.exitForced = s.exitForced || len(options) > 0
	switch {
	case !ok:
		return
	case len(rest) > 0:
		s.shortUsage("exit")
		return
	case s.open == nil || s.exitForced:
		s.leaving = true
		return
	}
	yes, asked := s.ask("Resource incomplete; really quit")
	if !asked {
		s.say("Resource incomplete, input not from terminal and -F not specified:\nexit command ignored, but exiting anyway.")
		s.quit()
	}
	s.leaving = yes
}
