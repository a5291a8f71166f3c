package lang

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Options are what a session works with.
type Options struct {
	Store   *zonecfg.Store
	Machine zonecfg.Machine // what verifying asks
	Out     io.Writer       // what was asked for; nil: nobody reads it
	Err     io.Writer       // diagnostics

	// Terminal is who questions are put to; nil when nobody is there.
	Terminal Terminal
	// Pager takes what is shown in interactive mode; nil: it goes to Out.
	Pager func(show func(w io.Writer)) error
	// Brands are the names that completion knows.
	Brands []string
	// ReadOnly refuses whatever changes the zone.
	ReadOnly bool
	// Unread is a command file that was given beside commands and isn't read: diagnostics
	// name it all the same, as the system's own do.
	Unread string
	// Hints says beneath an error what may have been meant, where a name is nearly right.
	Hints bool
	// FullPaths is that the store's root is an alternate one, as with -R: zonepaths are
	// shown with the root in front and asked for with it, and may be changed with -F.
	// Without, they are shown and taken as they are below the root.
	FullPaths bool
	// Live, if it isn't nil, is a running zone: its configuration is what is changed,
	// and commit changes the zone and leaves the disk alone.
	Live Live
}

// Terminal is the user at a terminal.
type Terminal interface {
	// Line reads a line of the language, without its end. io.EOF at the end of input,
	// ErrInterrupted when it was dropped.
	Line(prompt string) (string, error)
	// Ask reads the answer to a question. ErrInterrupted when it was dropped: it is
	// asked again; another error when there is none.
	Ask(question string) (string, error)
}

// ErrInterrupted is that of a line that was dropped with ^C.
var ErrInterrupted = errors.New("interrupted")

// Live is a running zone as a session changes it.
type Live interface {
	// Load returns the configuration that the zone runs with.
	Load() (*zonecfg.Zone, error)
	// Apply makes the zone run with another one, all of it or nothing.
	Apply(old, new *zonecfg.Zone) error
}

// Session is one run of the language on a zone.
type Session struct {
	explained bool // why the session is read-only
	Options

	name        string        // of the zone, as it is worked on
	committed   string        // its name when it was committed last: what revert goes back to
	renamedFrom string        // its name on disk, where that is another one
	zone        *zonecfg.Zone // nil: not loaded
	isGlobal    bool          // it is the global zone
	had         bool          // it has been loaded or created: later failures count
	created     bool          // in this session, and not committed since
	overwrite   bool          // what is on disk may be written over
	unsaved     bool          // there is something to commit

	open *scope // the open resource, nil in the global scope

	failed       bool // the exit status is 1
	leaving      bool // exit was said
	exitForced   bool // exit -F was said
	fatal        bool // nothing more is done
	canAsk       bool
	terminal     bool // interactive mode, with or without a terminal
	typed        bool // lines are typed, one by one
	quietOptions bool // nothing is said of a wrong option: set has switched that off

	file     string // of commands, - for standard input, "" for none: diagnostics name lines
	lines    int    // as the lexer counts them
	reported int    // line that diagnostics named last

	disk disk
}

// disk is what a session does outside of its memory; tests put others in its place.
type disk struct {
	save    func(s *Session) error
	destroy func(name string, force bool) error
	write   func(path string) (io.WriteCloser, error)
}

// New begins a session on a zone, whose name must be valid or "global".
func New(name string, o Options) *Session {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Err == nil {
		o.Err = io.Discard
	}
	o.Machine = WithDefaultBrand(o.Store, o.Machine)
	return &Session{
		Options: o, name: name, committed: name, isGlobal: name == zone.GlobalName, lines: 1, canAsk: o.Terminal != nil,
		disk: disk{
			save:    (*Session).save,
			destroy: o.Store.Delete,
			write:   func(path string) (io.WriteCloser, error) { return os.Create(path) },
		},
	}
}

// WithDefaultBrand returns a machine that takes a zone without a brand for one of the
// default template's.
func WithDefaultBrand(store *zonecfg.Store, on zonecfg.Machine) zonecfg.Machine {
	rules := on.Brand
	if rules == nil {
		return on
	}
	on.Brand = func(name string) (*zonecfg.BrandRules, error) {
		if name != "" {
			return rules(name)
		}
		brand, err := store.DefaultBrand()
		if err != nil {
			return nil, err
		}
		return rules(brand)
	}
	return on
}

// Failed tells whether a mistake was made.
func (s *Session) Failed() bool { return s.failed || s.fatal }

// Zone returns the configuration as it is now; nil when none is loaded.
func (s *Session) Zone() *zonecfg.Zone { return s.zone }

// say writes a diagnostic. In a file of commands the line comes first, once.
func (s *Session) say(format string, args ...any) {
	if s.file != "" && s.lines > s.reported {
		where := ""
		if s.file != "-" {
			where = " of " + s.file
		}
		fmt.Fprintf(s.Err, "On line %d%s:\n", s.lines-1, where)
		s.reported = s.lines
	}
	fmt.Fprintf(s.Err, format+"\n", args...)
}

// sayProblem writes what is wrong with a configuration. What the library finds by itself
// begins with the zone and has no line in front of it.
func (s *Session) sayProblem(text string) {
	if strings.HasPrefix(text, "zone '") {
		fmt.Fprintln(s.Err, text)
		return
	}
	s.say("%s", text)
}

// fail writes a diagnostic of a mistake that the exit status tells.
func (s *Session) fail(format string, args ...any) {
	s.say(format, args...)
	s.failed = true
}

// failWith says what an operation on something met.
func (s *Session) failWith(what string, err error) { s.fail("%s: %s", what, errorText(err)) }

// refuse says what is wrong with a value; an *[zonecfg.Invalid] has all of it.
func (s *Session) refuse(what string, err error) {
	var invalid *zonecfg.Invalid
	if errors.As(err, &invalid) {
		s.fail("%s", invalid.Text)
		return
	}
	s.failWith(what, err)
}

// errorText returns an error as the system's tools write it.
func errorText(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		t := number.Error()
		return strings.ToUpper(t[:1]) + t[1:]
	}
	return err.Error()
}

// quit ends the session at once: nothing more is run or saved.
func (s *Session) quit() { s.fatal = true }

// ask puts a question; asked is false when nobody is there to answer. No answer, and
// an empty one, is no.
func (s *Session) ask(question string) (yes, asked bool) {
	if !s.canAsk {
		s.failed = true
		return false, false
	}
	for {
		answer, err := s.Terminal.Ask(question + " (y/[n])? ")
		switch {
		case errors.Is(err, ErrInterrupted):
		case err != nil:
			return false, false
		case answer == "", answer[0]|0x20 == 'n':
			return false, true
		case answer[0]|0x20 == 'y':
			return true, true
		}
	}
}

// paged shows something, through the pager in interactive mode.
func (s *Session) paged(show func(w io.Writer)) {
	if s.terminal && s.Pager != nil && s.Pager(show) == nil {
		return
	}
	show(s.Out)
}

// load reads the configuration unless that has been done. expected: that there is
// none is a mistake.
func (s *Session) load(expected bool) bool {
	if s.zone != nil {
		return true
	}
	if s.Live != nil {
		return s.loadLive()
	}
	z, err := s.Store.Load(s.name)
	switch {
	case err == nil:
		return s.loaded(z) && s.refreshAdmins()
	case s.isGlobal && errors.Is(err, zonecfg.ErrNoZone) && !s.had && !s.ReadOnly:
		z, err := s.Store.New(s.name, zonecfg.TemplateBlank)
		if err != nil {
			s.failWith(zonecfg.TemplateBlank, err)
			return false
		}
		s.take(z)
		s.created, s.unsaved = true, true
		return true
	}
	s.say("%s: %s", s.name, errorText(err))
	s.failed = s.failed || expected || s.had
	if errors.Is(err, zonecfg.ErrNoZone) && !s.had && s.terminal && !s.ReadOnly {
		fmt.Fprintln(s.Out, "Use 'create' to begin configuring a new zone.")
	}
	return false
}

// refreshAdmins takes over rights that the system's other tools gave or took since the
// zone was saved.
func (s *Session) refreshAdmins() bool {
	if s.ReadOnly || s.isGlobal {
		return true
	}
	changed, err := s.Store.RefreshAdmins(s.zone)
	if err != nil {
		s.fail("%s: failed to update admin rights: %s", s.name, err)
		s.quit()
		return false
	}
	if changed {
		s.say("The administrative rights were updated to match the current RBAC configuration.\nUse \"info admin\" and \"revert\" to compare with the previous settings.")
		s.unsaved = true
	}
	return true
}

func (s *Session) loadLive() bool {
	z, err := s.Live.Load()
	if err != nil {
		s.failWith(s.name, err)
		return false
	}
	return s.loaded(z)
}

// take makes a configuration the one that is worked on.
func (s *Session) take(z *zonecfg.Zone) {
	s.zone, s.had, s.created, s.overwrite, s.renamedFrom = z, true, false, false, ""
}

// drop forgets the configuration: there is none any more.
func (s *Session) drop() {
	s.zone, s.had, s.created, s.overwrite, s.renamedFrom = nil, false, false, false, ""
}

// loaded takes a configuration that was read, if its brand is known here.
func (s *Session) loaded(z *zonecfg.Zone) bool {
	s.take(z)
	brand := s.brandOf(z)
	if brand == "" {
		s.fail("Zone %s is inconsistent: missing brand attribute", s.name)
		s.quit()
		return false
	}
	if s.Machine.Brand == nil {
		return true
	}
	if _, err := s.Machine.Brand(brand); err != nil {
		s.fail("Zone %s uses non-existent brand \"%s\".  Unable to continue", s.name, brand)
		s.quit()
		return false
	}
	return true
}

// brandOf returns the brand of a zone, which may be that of the default template.
func (s *Session) brandOf(z *zonecfg.Zone) string {
	if z.Brand != "" {
		return z.Brand
	}
	brand, err := s.Store.DefaultBrand()
	if err != nil {
		return ""
	}
	return brand
}

// atLeast tells whether the zone is in a state or beyond it.
func (s *Session) atLeast(state zonecfg.State) bool {
	have, err := s.Store.State(s.name)
	return err == nil && have >= state
}

// writable says no for zones that can't be changed.
func (s *Session) writable(command string) bool {
	switch {
	case zonecfg.ReservedName(s.name):
		s.fail("%s: zones beginning with SUNW are read-only.", s.name)
	case s.ReadOnly:
		s.fail("%s: cannot %s in read-only mode.", s.name, command)
		if !s.explained { // the original doesn't say why
			s.explained = true
			fmt.Fprintf(s.Err, "This user may not write to %s/etc/zones, or to the zone's file in it: be the owner, or root.\n", s.Store.Root())
		}
	default:
		return true
	}
	return false
}

// shownPath returns the zonepath as the user knows it.
func (s *Session) shownPath(z *zonecfg.Zone) string {
	if root := s.Store.Root(); !s.FullPaths && root != "" {
		if path := strings.TrimPrefix(z.Zonepath, root); path != "" || z.Zonepath == "" {
			return path
		}
		return "/"
	}
	return z.Zonepath
}

// controlNames are the resource controls that zones have.
func controlNames() []string {
	var names []string
	for _, c := range rctl.Controls() {
		names = append(names, c.Name)
	}
	return names
}

// alias returns the alias of that name, which there is.
func alias(name string) rctl.Alias {
	a, ok := rctl.LookupAlias(name)
	if !ok {
		panic("no alias " + name)
	}
	return a
}
