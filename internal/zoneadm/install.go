package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/internal/rootfs/skeleton"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// codeOf is the exit status for an error of the configuration library: its number.
func codeOf(err error) int {
	var code zonecfg.Code
	if errors.As(err, &code) {
		return int(code)
	}
	return ExitFailed
}

// brandArguments are the arguments of install as its hook gets them: every option
// of the brand with its argument, then the operands.
func brandArguments(options []getopt.Option, operands []string) string {
	var b strings.Builder
	for _, o := range options {
		fmt.Fprintf(&b, " -%c%s", o.Letter, o.Argument)
	}
	for _, operand := range operands {
		b.WriteString(" " + operand)
	}
	return b.String()
}

// askedForHelp looks for "-?" among the arguments of a verb whose other options
// belong to the brand.
func askedForHelp(options []getopt.Option) bool {
	for _, o := range options {
		if o.Asked() {
			return true
		}
	}
	return false
}

// setState writes the target's state, with a diagnostic and the status when it
// can't.
func (t *Tool) setState(state zonecfg.State) (status int, ok bool) {
	if err := t.Store.SetState(t.target, state); err != nil {
		t.fail(&Failure{t.target, "could not set state", err})
		return codeOf(err), false
	}
	return ExitOK, true
}

// load returns the target's configuration and brand, which most verbs on files begin with.
func (t *Tool) load(verb string) (*zonecfg.Zone, *brand.Brand, bool) {
	z, err := t.Store.Load(t.target)
	if err != nil {
		t.sayOf(verb, err)
		return nil, nil, false
	}
	b, ok := t.brandOf(z, verb)
	return z, b, ok
}

func (t *Tool) install(args []string) int {
	if t.target == "" {
		t.usageOf("install")
		return ExitUsage
	}
	if t.otherRoot("install") || t.refusedEarly("install") {
		return ExitFailed
	}
	z, b, ok := t.load("install")
	if !ok {
		return ExitFailed
	}
	if b.Skeleton == nil && b.Hooks[brand.Install] == "" {
		t.say("invalid brand configuration: missing install resource")
		return ExitFailed
	}
	options, operands := getopt.Parse(args, "?x:"+b.InstallOpts, nil)
	for _, o := range options {
		switch {
		case o.Asked():
			t.usageOf("install")
			if exit := t.hook(b, z, brand.Install, " -?"); exit.Code != 0 {
				return ExitFailed
			}
			return ExitOK
		case o.Letter == '?':
			t.usageOf("install")
			return ExitUsage
		case b.Skeleton != nil && !strings.ContainsRune(b.InstallOpts, rune(o.Letter)):
			t.say("brand %s has no option -%c", b.Name, o.Letter) // -x is for hooks
			t.usageOf("install")
			return ExitUsage
		}
	}
	if b.Skeleton != nil && len(operands) > 0 {
		t.say("unexpected argument '%s': brand %s takes none", operands[0], b.Name)
		t.usageOf("install")
		return ExitUsage
	}
	if !t.gate("install", mustNot, false) || !t.verified("install", nil) {
		return ExitFailed
	}
	if b.Skeleton != nil && !t.vacant(z) {
		return ExitFailed
	}
	unlock, ok := t.lock()
	if !ok {
		return ExitFailed
	}
	defer unlock()
	if status, ok := t.setState(zonecfg.Incomplete); !ok {
		return status
	}
	if exit := t.fill(z, b, options, operands); exit.Code != 0 {
		return t.notInstalled(z, exit.Code, "install")
	}
	if status, ok := t.setState(zonecfg.Installed); !ok {
		return status
	}
	if exit := t.hook(b, z, brand.PostInstall, brandArguments(options, operands)); exit.Code != 0 {
		t.setState(zonecfg.Incomplete)
		return t.notInstalled(z, exit.Code, "install")
	}
	return ExitOK
}

// fill makes the zone's root directory: by the brand's hook, or by this project's
// own code.
func (t *Tool) fill(z *zonecfg.Zone, b *brand.Brand, options []getopt.Option, operands []string) brand.Exit {
	if b.Skeleton == nil {
		return t.hook(b, z, brand.Install, brandArguments(options, operands))
	}
	i := &skeleton.Installation{Zone: z, Root: filepath.Join(z.Zonepath, "root"), Option: map[byte]string{}}
	for _, o := range options {
		i.Option[o.Letter] = t.file(o.Argument)
	}
	// Who interrupts an installation gets a zone that is configured, not half of one.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	defer stop()
	done := t.progress("installing it")
	err := os.Mkdir(i.Root, 0o755)
	if errors.Is(err, os.ErrExist) {
		err = nil // and empty
	}
	if err == nil {
		err = skeleton.Install(ctx, b, i)
	}
	done()
	if ctx.Err() != nil {
		err = errors.New("interrupted: what there was of the zone is removed again")
	}
	if err != nil {
		t.say("%v", err)
		return brand.Exit{Code: brand.ExitClean} // and what there is of it goes again
	}
	return brand.Exit{}
}

// file is the path of a file that is read, as the caller meant it.
func (t *Tool) file(path string) string {
	if path == "" || path == "-" || filepath.IsAbs(path) || t.Dir == "" {
		return path
	}
	return filepath.Join(t.Dir, path)
}

// vacant checks that nothing lies where the zone's files are to be made: a failed
// installation removes what is there.
func (t *Tool) vacant(z *zonecfg.Zone) bool {
	root := filepath.Join(z.Zonepath, "root")
	entries, err := os.ReadDir(root)
	if err == nil && len(entries) > 0 {
		t.say("%s isn't empty: remove what is there, or use attach if it is a zone", root)
		return false
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.sayOf(root, err)
		return false
	}
	return true
}

// refusedEarly is the gate for a target that has no files, where a verb would look
// at those before it asks the gate.
func (t *Tool) refusedEarly(verb string) bool {
	if t.target == "" || t.target == zone.GlobalName || t.Inside {
		t.gate(verb, mustNot, false)
		return true
	}
	return false
}

// notInstalled ends an install or clone whose hook has failed, by what the hook
// said of what it left.
func (t *Tool) notInstalled(z *zonecfg.Zone, code int, verb string) int {
	switch code {
	case brand.ExitUsage:
		t.usageOf(verb)
	case brand.ExitClean:
		if err := t.clean(z.Zonepath, false); err != nil {
			t.fail(&Failure{t.target, "cleaning up zonepath failed", err})
			return ExitFailed
		}
		t.setState(zonecfg.Configured)
	}
	return ExitFailed
}

// sure asks whether the zone is to be uninstalled. Anything but a word that begins
// with y is no.
func (t *Tool) sure() bool {
	fmt.Fprintf(t.Out, "Are you sure you want to uninstall zone %s (y/[n])? ", t.target)
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := t.In.Read(one)
		if n == 0 || err != nil || one[0] == '\n' {
			break
		}
		line = append(line, one[0])
	}
	return len(line) > 0 && (line[0] == 'y' || line[0] == 'Y')
}

func (t *Tool) uninstall(args []string) int {
	if t.otherRoot("uninstall") {
		return ExitFailed
	}
	options, _ := getopt.Parse(args, "?F", nil)
	if askedForHelp(options) {
		t.usageOf("uninstall")
		if t.target == "" || t.target == zone.GlobalName {
			return ExitOK
		}
		z, b, ok := t.load("uninstall")
		if !ok || t.hook(b, z, brand.Uninstall, " -?").Code != 0 {
			return ExitFailed
		}
		return ExitOK
	}
	force := false
	for _, o := range options {
		force = force || o.Letter == 'F'
	}
	if !t.gate("uninstall", mustNot, false) {
		return ExitFailed
	}
	z, b, ok := t.load("uninstall")
	if !ok || !t.verifyAdm(b, z, "uninstall", args) {
		return ExitFailed
	}
	if !force {
		if !t.Terminal {
			t.say("Input not from terminal and -F not specified: uninstall not done.")
			return ExitFailed
		}
		if !t.sure() {
			return ExitOK
		}
	}
	t.Daemon.Notify(t.target, zone.CommandRequest{Command: zone.CommandNoteUninstalling, Locale: locale()})
	unlock, ok := t.lock()
	if !ok {
		return ExitFailed
	}
	defer unlock()
	if !t.unmounted(filepath.Join(z.Zonepath, "root")) {
		return ExitFailed
	}
	arguments := verbatim(args)
	if t.hook(b, z, brand.PreUninstall, arguments).Code != 0 {
		return ExitFailed
	}
	if status, ok := t.setState(zonecfg.Incomplete); !ok {
		return status
	}
	if b.Command(brand.Uninstall, z.Name, z.Zonepath) != "" {
		if t.hook(b, z, brand.Uninstall, arguments).Code != 0 {
			return ExitFailed
		}
	} else if err := t.clean(z.Zonepath, false); err != nil {
		t.fail(&Failure{t.target, "cleaning up zonepath failed", err})
		return codeOf(err)
	}
	status, _ := t.setState(zonecfg.Configured)
	return status
}

// verbatim appends arguments to a hook as they were given.
func verbatim(args []string) string {
	var b strings.Builder
	for _, arg := range args {
		b.WriteString(" " + arg)
	}
	return b.String()
}

// unmounted checks that nothing is mounted below a directory.
func (t *Tool) unmounted(root string) bool {
	below, err := t.mountedBelow(root)
	if err != nil {
		t.sayOf(root, err)
		return false
	}
	if len(below) == 0 {
		return true
	}
	t.say("These file systems are mounted on subdirectories of %s.\n", root)
	for _, point := range below {
		t.say("  %s\n", point)
	}
	return false
}
