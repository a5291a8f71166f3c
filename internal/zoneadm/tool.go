package zoneadm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Exit statuses of zoneadm(8).
const (
	ExitOK      = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitSysboot = 40 // the brand's sysboot hook failed
)

// Caller is who runs the command.
type Caller struct {
	Name       string // of the real user
	Global     bool   // in the global zone
	Privileged bool   // has every privilege
	// Authorized tells whether the user has an authorization such as
	// "solaris.zone.manage/web".
	Authorized func(authorization string) bool
}

// Requester passes a request to a zone's zoneadmd, which it starts when none is
// there, and returns the answer.
type Requester interface {
	Request(name string, r zone.CommandRequest) (zone.CommandReply, error)
	// Notify is Request to a zoneadmd that is there; otherwise it does nothing.
	Notify(name string, r zone.CommandRequest)
}

// Tool is zoneadm(8) in one process. [Tool.Run] is its command line; it prints what
// the system's command prints and returns the exit status.
type Tool struct {
	*Machine
	Prog   string // the command's name in diagnostics
	Caller Caller
	Daemon Requester
	RunDir string // for locks
	Owner  uint32 // of zonepaths and what they are in: root, or who has the kernel
	Brands string // folder of the brands' files, brand.Dir on the system
	Dir    string // relative paths of files that are read are below it

	In       *os.File // nil: no input
	Terminal bool     // In is a terminal
	Out, Err io.Writer
	Watched  bool // Err is a terminal: somebody watches, and is told what takes long

	// Connect opens the kernel. It is called when one is needed and Machine has none,
	// so that what needs no kernel starts none.
	Connect func() (zone.Kernel, error)
	// Mounts is what is mounted on this machine, nil for mount.Table.
	Mounts func() ([]mount.Entry, error)

	target  string       // -z, or found by -u
	held    bool         // the zone lock is this process's own, or a caller's
	json    bool         // --json
	process func() error // what the process has to be before anything is done, nil: nothing
	kernel  zone.Kernel  // from Connect, nil: none yet
}

// connect has the kernel opened if it isn't yet, with the diagnostic when it can't.
func (t *Tool) connect() bool {
	if t.Kernel != nil {
		return true
	}
	k, err := t.Connect()
	if err != nil {
		t.say("%v", err)
		return false
	}
	t.kernel, t.Kernel = k, k
	t.Caller.Global = inGlobal(k)
	t.Inside = !t.Caller.Global
	return true
}

// Close lets go of the kernel that Connect has opened.
func (t *Tool) Close() error {
	if t.kernel == nil {
		return nil
	}
	k := t.kernel
	t.kernel, t.Kernel = nil, nil
	return k.Close()
}

// alternate tells that the command works on the zones of another root.
func (t *Tool) alternate() bool { return t.Alternate != "" }

// say is a diagnostic of the command: about its target where it has one.
func (t *Tool) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if t.target != "" {
		text = fmt.Sprintf("zone '%s': %s", t.target, text)
	}
	fmt.Fprintf(t.Err, "%s: %s\n", t.Prog, text)
}

// sayOf is a diagnostic about something, with the reason.
func (t *Tool) sayOf(what string, err error) {
	fmt.Fprintf(t.Err, "%s: %s: %s\n", t.Prog, what, reason(err))
}

// raw is a line without the command's name.
func (t *Tool) raw(format string, args ...any) { fmt.Fprintf(t.Err, format+"\n", args...) }

// relay is a line about the target without the command's name.
func (t *Tool) relay(format string, args ...any) {
	fmt.Fprintf(t.Err, "zone '%s': %s\n", t.target, fmt.Sprintf(format, args...))
}

// reason is the text of an error: the system's for a number, and with file and
// line where it is about a file.
func reason(err error) string {
	var failed *Failure
	if errors.As(err, &failed) {
		err = failed.Err
	}
	var file *zonecfg.Error
	if errors.As(err, &file) {
		return file.Error()
	}
	var code zonecfg.Code
	if errors.As(err, &code) {
		return code.Error()
	}
	if n, ok := errno.Of(err); ok {
		return n.Error()
	}
	return err.Error()
}

// fail prints what a list could not find out of a zone.
func (t *Tool) fail(err error) {
	var failed *Failure
	if errors.As(err, &failed) {
		fmt.Fprintf(t.Err, "%s: %s: %s: %s\n", t.Prog, failed.Zone, failed.What, reason(failed.Err))
		return
	}
	fmt.Fprintf(t.Err, "%s: %v\n", t.Prog, err)
}

// brandOf opens a zone's brand for a verb, with the diagnostic when it can't. A
// brand that only illumos has is one without hooks on another machine: its zones can
// be listed, marked, detached and removed there, but neither installed nor started.
func (t *Tool) brandOf(z *zonecfg.Zone, verb string) (*brand.Brand, bool) {
	name := z.Brand
	if name == "" || t.alternate() && name == "cluster" {
		name = t.defaultBrand()
	}
	b, err := brand.Open(t.Brands, name)
	switch {
	case err == nil:
		return b, true
	case !brand.Foreign(name) || !errors.Is(err, brand.ErrUnknown):
		t.say("missing or invalid brand")
		return nil, false
	case skips(verb, "list", "mark", "halt", "uninstall", "detach", "move"):
		return &brand.Brand{Name: name}, true
	}
	t.say("brand '%s' exists only on illumos: it can't be used on this machine; brands sparse and tar can", name)
	return nil, false
}

// hook runs a brand's hook for the target with arguments that are appended as they
// are. A hook that isn't there has succeeded.
func (t *Tool) hook(b *brand.Brand, z *zonecfg.Zone, h brand.Hook, args string, extra ...string) brand.Exit {
	command := b.Command(h, z.Name, z.Zonepath)
	if command == "" {
		return brand.Exit{}
	}
	for _, arg := range extra {
		args += " " + arg
	}
	return t.runHook(h, command, args)
}

// runHook runs a hook's command. A signal from the terminal reaches the hook too,
// whose end says what becomes of the zone, so this process outlasts it.
func (t *Tool) runHook(h brand.Hook, command, args string) brand.Exit {
	var in io.Reader
	if t.In != nil {
		in = t.In
	}
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	defer signal.Stop(ignored)
	exit := brand.Run(command, args, in, t.Out, t.Err)
	if exit.Signal != 0 {
		t.say("'%s' terminated by signal SIG%s.", hookNames[h], signalName(exit.Signal))
	}
	return exit
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

// verifyAdm runs the brand's check of a subcommand, whose name is glued to the
// hook's text.
func (t *Tool) verifyAdm(b *brand.Brand, z *zonecfg.Zone, verb string, args []string) bool {
	command := b.Command(brand.VerifyAdm, z.Name, z.Zonepath)
	if command == "" {
		return true
	}
	var line strings.Builder
	line.WriteString(verb)
	for _, arg := range args {
		line.WriteString(" " + arg)
	}
	return t.runHook(brand.VerifyAdm, command, line.String()) == brand.Exit{}
}
