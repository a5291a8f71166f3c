package zoneadm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Verb is what is done to a zone, by the name of zoneadm(8)'s subcommand.
type Verb string

// The verbs.
const (
	VerbCreate    Verb = "create" // this one and the next two are zonecfg's
	VerbConfigure Verb = "configure"
	VerbDelete    Verb = "delete"
	VerbVerify    Verb = "verify"
	VerbInstall   Verb = "install"
	VerbUninstall Verb = "uninstall"
	VerbClone     Verb = "clone"
	VerbMove      Verb = "move"
	VerbDetach    Verb = "detach"
	VerbAttach    Verb = "attach"
	VerbMark      Verb = "mark"
	VerbReady     Verb = "ready"
	VerbBoot      Verb = "boot"
	VerbReboot    Verb = "reboot"
	VerbShutdown  Verb = "shutdown"
	VerbHalt      Verb = "halt"
	VerbMount     Verb = "mount"
	VerbUnmount   Verb = "unmount"
	VerbApply     Verb = "apply"
	VerbSysboot   Verb = "sysboot"
	VerbList      Verb = "list"
)

// in tells that a verb is one of those.
func (v Verb) in(verbs ...Verb) bool { return slices.Contains(verbs, v) }

// Target is a zone that verbs are carried out on, for one caller, one verb at a time.
// Its methods return an *[Error].
type Target struct {
	*Machine
	Observer
	Name string

	// LockHeld: a parent process holds the zone's lock, for this one too.
	LockHeld bool

	// aroundHook is called before a hook is run, and what it returns after that.
	aroundHook func() func()

	verb     Verb
	infos    map[string]*zone.Info // what the kernel has of zones that it was asked for, nil: nothing
	config   *zonecfg.Zone         // from the zone's file, nil: not read yet
	entered  *passage              // how the verb has passed the gate, nil: it hasn't
	problems []string              // that verifying has found
	doors    *Doors                // the way to the zone's daemon, nil: none yet
	said     bytes.Buffer          // by a daemon that was started, where Err is no file

	// requested: the daemon has been asked for something, perhaps by a goroutine that
	// still waits for the answer.
	requested bool
}

// On returns a zone of the machine to carry out verbs on.
func (m *Machine) On(name string, o Observer) *Target {
	return &Target{Machine: m, Observer: o, Name: name, LockHeld: m.LockHeld}
}

// forget forgets what was known of the zone: a verb may have changed it. A daemon that
// was started and not needed is let go.
func (t *Target) forget() {
	t.infos, t.config = nil, nil
	if t.doors != nil && !t.requested {
		t.doors.Drop()
	}
}

// failed is the verb's error.
func (t *Target) failed(cause error, lines ...Line) *Error {
	return &Error{Zone: t.Name, Verb: t.verb, Lines: lines, Status: ExitFailed, Err: cause}
}

// fails is failed for a cause that is all there is to tell.
func (t *Target) fails(err error) *Error { return t.failed(err, plain("%v", err)) }

// failure is the error for something that could not be found out, or done.
func (t *Target) failure(what string, err error) *Error {
	f := &Failure{t.Name, what, err}
	return t.failed(f, lineOf(f))
}

// usage is the error of arguments that the verb, or its brand, doesn't take.
func (t *Target) usage(lines ...Line) *Error {
	return &Error{Zone: t.Name, Verb: t.verb, Lines: lines, Usage: true, Status: ExitUsage, Err: ErrUsage}
}

// asked is the error of "-?", the question for the usage.
func (t *Target) asked() *Error {
	return &Error{Zone: t.Name, Verb: t.verb, Usage: true, Status: ExitOK, Err: errAsked}
}

var errAsked = errors.New("the usage was asked for")

// load returns the zone's configuration and brand, which most verbs begin with.
func (t *Target) load() (*zonecfg.Zone, *brand.Brand, error) {
	z, err := t.read()
	if err != nil {
		return nil, nil, t.failed(err, about(string(t.verb), err))
	}
	b, err := t.brandOf(z)
	if err != nil {
		return nil, nil, err
	}
	return z, b, nil
}

// read returns the zone's configuration.
func (t *Target) read() (*zonecfg.Zone, error) {
	if t.config == nil {
		z, err := t.Store.Load(t.Name)
		if err != nil {
			return nil, err
		}
		t.config = z
	}
	return t.config, nil
}

// brandOf opens a zone's brand. A brand that only illumos has is one without hooks on
// another machine: its zones can be listed, marked, detached and removed there, but
// neither installed nor started.
func (t *Target) brandOf(z *zonecfg.Zone) (*brand.Brand, error) {
	name := z.Brand
	if name == "" || t.Alternate != "" && name == "cluster" {
		name = t.defaultBrand()
	}
	b, err := brand.Open(t.Brands, name)
	switch {
	case err == nil:
		return b, nil
	case !brand.Foreign(name) || !errors.Is(err, brand.ErrUnknown):
		return nil, t.failed(err, plain("missing or invalid brand"))
	case t.verb.in(VerbList, VerbMark, VerbHalt, VerbUninstall, VerbDetach, VerbMove):
		return &brand.Brand{Name: name}, nil
	}
	return nil, t.failed(err, plain("brand '%s' exists only on illumos: it can't be used on this machine; brands sparse and tar can", name))
}

// hook runs a brand's hook for the zone with arguments that are appended as they are.
// nil: it succeeded, or there is none.
func (t *Target) hook(ctx context.Context, b *brand.Brand, z *zonecfg.Zone, h brand.Hook, args string) *HookError {
	command := b.Command(h, z.Name, z.Zonepath)
	if command == "" {
		return nil
	}
	return t.runHook(ctx, h, command, args)
}

func (t *Target) runHook(ctx context.Context, h brand.Hook, command, args string) *HookError {
	if t.aroundHook != nil {
		defer t.aroundHook()()
	}
	held := "0"
	if t.LockHeld {
		held = "1"
	}
	last := &lastLine{to: t.Err}
	errs := io.Writer(last)
	if file, ok := t.Err.(*os.File); ok {
		errs = file // a terminal stays one
	}
	run := brand.Invocation{Command: command, Args: args, In: t.In, Out: t.Out, Err: errs,
		Env: append(os.Environ(), lockHeld+"="+held)}
	exit := run.Run(ctx)
	if exit == (brand.Exit{}) {
		return nil
	}
	return &HookError{Hook: h, Exit: exit, Output: last.text(), Err: ctx.Err()}
}

// hookFailed is the error of a verb whose hook has failed: it has said why itself.
func (t *Target) hookFailed(failed *HookError, lines ...Line) *Error {
	return t.failed(failed, append(failed.lines(), lines...)...)
}

// lines are what is told of a hook beside its own words.
func (e *HookError) lines() []Line {
	if e.Signal == 0 {
		return nil
	}
	return []Line{plain("'%s' terminated by signal SIG%s.", hookNames[e.Hook], signalName(e.Signal))}
}

// hookNames are what diagnostics call the hooks.
var hookNames = map[brand.Hook]string{
	brand.VerifyAdm: "brand-specific verification", brand.Install: "brand-specific installation",
	brand.PostInstall: "brand-specific post-install", brand.Clone: "brand-specific clone", brand.PostClone: "postclone",
	brand.PreSnap: "brand-specific presnapshot", brand.PostSnap: "brand-specific postsnapshot",
	brand.ValidateSnap: "brand-specific validatesnapshot", brand.PreDetach: "brand-specific predetach",
	brand.Detach: "brand-specific detach", brand.Attach: "brand-specific attach", brand.PostAttach: "brand-specific postattach",
	brand.PreUninstall: "brand-specific preuninstall", brand.Uninstall: "brand-specific uninstall", brand.SysBoot: "brand sysboot operation",
}

// verifyAdm runs the brand's check of a verb, whose name is glued to the hook's text.
func (t *Target) verifyAdm(ctx context.Context, b *brand.Brand, z *zonecfg.Zone, args []string) *HookError {
	command := b.Command(brand.VerifyAdm, z.Name, z.Zonepath)
	if command == "" {
		return nil
	}
	return t.runHook(ctx, brand.VerifyAdm, command, string(t.verb)+verbatim(args))
}

// hookAllows runs the brand's own check of a verb that isn't verified otherwise.
func (t *Target) hookAllows(ctx context.Context, args []string) error {
	z, b, err := t.load()
	if err != nil {
		return err
	}
	if failed := t.verifyAdm(ctx, b, z, args); failed != nil {
		return t.hookFailed(failed)
	}
	return nil
}

// verbatim are arguments of a hook as they were given, a blank before each.
func verbatim(args []string) string {
	var b strings.Builder
	for _, arg := range args {
		b.WriteString(" " + arg)
	}
	return b.String()
}

// setState writes the zone's state.
func (t *Target) setState(state zonecfg.State) error {
	err := t.Store.SetState(t.Name, state)
	if err == nil {
		return nil
	}
	failed := t.failure("could not set state", err)
	failed.Status = codeOf(err)
	return failed
}

// lastLine passes what is written to it on, and keeps the last line that says
// something.
type lastLine struct {
	to      io.Writer // nil: nobody
	line    []byte
	partial []byte
}

// lastLineMax bounds how much of a line is kept.
const lastLineMax = 512

func (l *lastLine) Write(p []byte) (int, error) {
	for _, c := range p {
		switch {
		case c != '\n' && len(l.partial) < lastLineMax:
			l.partial = append(l.partial, c)
		case c == '\n':
			l.end()
		}
	}
	if l.to == nil {
		return len(p), nil
	}
	return l.to.Write(p)
}

func (l *lastLine) end() {
	if len(bytes.TrimSpace(l.partial)) > 0 {
		l.line = append(l.line[:0], bytes.TrimSpace(l.partial)...)
	}
	l.partial = l.partial[:0]
}

func (l *lastLine) text() string {
	l.end()
	return string(l.line)
}
