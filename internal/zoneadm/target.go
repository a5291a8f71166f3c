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

// Verb is a subcommand of zoneadm(8).
type Verb string

// The verbs.
const (
	VerbCreate    Verb = "create" // zonecfg has this one and the next two
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
	VerbHolds     Verb = "holds" // not in zoneadm(8)
)

// in reports whether the verb is one of verbs.
func (v Verb) in(verbs ...Verb) bool { return slices.Contains(verbs, v) }

// Target is a zone with methods for the verbs, whose errors are of type *[Error]. It isn't
// safe for concurrent use.
type Target struct {
	*Machine
	Observer
	Name string

	// LockHeld is set while the zone's lock is held, by this process or a parent.
	LockHeld bool

	// DryRun has verbs on files say what they would do instead of doing it.
	DryRun bool

	// aroundHook is called before each hook, and the function it returns afterwards.
	aroundHook func() func()

	verb     Verb
	infos    map[string]*zone.Info // answers of the kernel by zone, nil for one that isn't active
	config   *zonecfg.Zone         // the zone's configuration; nil until it is read
	entered  *passage              // nil until the verb has passed the gate
	problems []string              // found by verifying
	made     []string              // directories created for the zonepath, the innermost last
	doors    *Doors                // the connection to the zone's daemon; nil until it is needed
	said     bytes.Buffer          // messages of a starting daemon, if Err isn't a file

	// requested is set when a request has been sent to the daemon. A goroutine may still
	// be waiting for the reply.
	requested bool
}

// On returns a zone of the machine as a target.
func (m *Machine) On(name string, o Observer) *Target {
	return &Target{Machine: m, Observer: o, Name: name, LockHeld: m.LockHeld}
}

// forget discards what is cached about the zone, since a verb may have changed it. It lets
// a daemon exit that was started in advance and isn't needed.
func (t *Target) forget() {
	t.infos, t.config = nil, nil
	if t.doors != nil && !t.requested {
		t.doors.Drop()
	}
}

// failed returns the verb's error.
func (t *Target) failed(cause error, lines ...Line) *Error {
	return &Error{Zone: t.Name, Verb: t.verb, Lines: lines, Status: ExitFailed, Err: cause}
}

// fails is failed with the cause as the message.
func (t *Target) fails(err error) *Error { return t.failed(err, plain("%v", err)) }

// failure returns the verb's error with a Failure as its cause.
func (t *Target) failure(what string, err error) *Error {
	f := &Failure{t.Name, what, err}
	return t.failed(f, lineOf(f))
}

// usage returns the error of wrong arguments.
func (t *Target) usage(lines ...Line) *Error {
	return &Error{Zone: t.Name, Verb: t.verb, Lines: lines, Usage: true, Status: ExitUsage, Err: ErrUsage}
}

// asked returns the error of the option "-?", which asks for the usage.
func (t *Target) asked() *Error {
	return &Error{Zone: t.Name, Verb: t.verb, Usage: true, Status: ExitOK, Err: errAsked}
}

var errAsked = errors.New("usage requested")

// load returns the zone's configuration and brand.
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

// brandOf opens a zone's brand. On other systems the brands of illumos have no hooks there:
// their zones can be listed, marked, detached and removed, but not installed or booted.
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

// hook runs a brand's hook with arguments, which aren't quoted. It returns nil if the hook
// succeeds or doesn't exist.
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
		errs = file // passed to the hook itself: it may be a terminal
	}
	run := brand.Invocation{Command: command, Args: args, In: t.In, Out: t.Out, Err: errs,
		Env: append(os.Environ(), lockHeld+"="+held)}
	exit := run.Run(ctx)
	if exit == (brand.Exit{}) {
		return nil
	}
	return &HookError{Hook: h, Exit: exit, Output: last.text(), Err: ctx.Err()}
}

// hookFailed returns the verb's error after a hook has failed, which has printed the reason
// itself.
func (t *Target) hookFailed(failed *HookError, lines ...Line) *Error {
	return t.failed(failed, append(failed.lines(), lines...)...)
}

// lines returns the messages about a failed hook.
func (e *HookError) lines() []Line {
	if e.Signal == 0 {
		return nil
	}
	return []Line{plain("'%s' terminated by signal SIG%s.", hookNames[e.Hook], signalName(e.Signal))}
}

// hookNames are the names of hooks in messages.
var hookNames = map[brand.Hook]string{
	brand.VerifyAdm: "brand-specific verification", brand.Install: "brand-specific installation",
	brand.PostInstall: "brand-specific post-install", brand.Clone: "brand-specific clone", brand.PostClone: "postclone",
	brand.PreSnap: "brand-specific presnapshot", brand.PostSnap: "brand-specific postsnapshot",
	brand.ValidateSnap: "brand-specific validatesnapshot", brand.PreDetach: "brand-specific predetach",
	brand.Detach: "brand-specific detach", brand.Attach: "brand-specific attach", brand.PostAttach: "brand-specific postattach",
	brand.PreUninstall: "brand-specific preuninstall", brand.Uninstall: "brand-specific uninstall", brand.SysBoot: "brand sysboot operation",
}

// verifyAdm runs the brand's verify_adm hook. The verb is appended to the command without a
// space.
func (t *Target) verifyAdm(ctx context.Context, b *brand.Brand, z *zonecfg.Zone, args []string) *HookError {
	command := b.Command(brand.VerifyAdm, z.Name, z.Zonepath)
	if command == "" {
		return nil
	}
	return t.runHook(ctx, brand.VerifyAdm, command, string(t.verb)+verbatim(args))
}

// hookAllows runs the verify_adm hook for a verb that doesn't verify the zone.
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

// verbatim returns arguments for a hook, with a space before each.
func verbatim(args []string) string {
	var b strings.Builder
	for _, arg := range args {
		b.WriteString(" " + arg)
	}
	return b.String()
}

// setState saves the zone's state in the index.
func (t *Target) setState(state zonecfg.State) error {
	err := t.Store.SetState(t.Name, state)
	if err == nil {
		return nil
	}
	failed := t.failure("could not set state", err)
	failed.Status = codeOf(err)
	return failed
}

// lastLine is a writer that keeps the last line that isn't blank.
type lastLine struct {
	to      io.Writer // gets everything, if it isn't nil
	line    []byte
	partial []byte
}

// lastLineMax limits the length of a line that is kept.
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
