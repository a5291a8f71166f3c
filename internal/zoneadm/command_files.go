package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// hookHelp runs a hook with "-?", so that it prints its own help.
func (t *Tool) hookHelp(h brand.Hook) int {
	z, b, err := t.on.load()
	if err != nil {
		return t.report(err)
	}
	if failed := t.on.hook(context.Background(), b, z, h, " -?"); failed != nil {
		return t.report(t.on.hookFailed(failed))
	}
	return ExitOK
}

func (t *Tool) install(args []string) int {
	if t.on.Name == "" {
		t.usageOf("install")
		return ExitUsage
	}
	if err := t.on.begin(VerbInstall); err != nil {
		return t.report(err)
	}
	_, b, _, _, err := t.on.installArgs(args)
	if errors.Is(err, errAsked) {
		t.usageOf("install")
		if b.Skeleton != nil && strings.Contains(b.InstallOpts, "a:") {
			fmt.Fprintf(t.Err, "\tBrand %s: -a FILE or -t FILE is an archive, an OCI image layout, or LAYOUT:TAG.\n", b.Name)
		}
		return t.hookHelp(brand.Install)
	}
	if err != nil {
		return t.report(err)
	}
	ctx := context.Background()
	if b.Skeleton != nil {
		// When interrupted, it cleans up and leaves the zone configured.
		var stop func()
		ctx, stop = interruptible()
		defer stop()
	}
	return t.report(t.on.Install(ctx, InstallOptions{Args: args, Dir: t.Dir}))
}

func (t *Tool) uninstall(args []string) int {
	if err := t.on.begin(VerbUninstall); err != nil {
		return t.report(err)
	}
	options, _ := getopt.Parse(args, "?F", nil)
	if askedForHelp(options) {
		t.usageOf("uninstall")
		if t.on.Name == "" || t.on.Name == zone.GlobalName {
			return ExitOK
		}
		return t.hookHelp(brand.Uninstall)
	}
	o := UninstallOptions{Args: args}
	if !has(options, 'F') {
		o.Sure = t.sure
	}
	return t.report(t.on.Uninstall(context.Background(), o))
}

// sure asks for confirmation. The answer is yes if it begins with y; no isn't a failure.
func (t *Tool) sure() error {
	if !t.Terminal {
		return t.on.failed(nil, plain("Input not from terminal and -F not specified: uninstall not done."))
	}
	fmt.Fprintf(t.Out, "Are you sure you want to uninstall zone %s (y/[n])? ", t.on.Name)
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := t.In.Read(one)
		if n == 0 || err != nil || one[0] == '\n' {
			break
		}
		line = append(line, one[0])
	}
	if len(line) > 0 && (line[0] == 'y' || line[0] == 'Y') {
		return nil
	}
	return &Error{Zone: t.on.Name, Verb: VerbUninstall, Status: ExitOK, Err: errors.New("not confirmed")}
}

func (t *Tool) clone(args []string) int {
	if err := t.on.begin(VerbClone); err != nil {
		return t.report(err)
	}
	options, operands := getopt.Parse(args, "?m:s:", nil)
	asked := askedForHelp(options)
	if asked {
		t.usageOf("clone")
	}
	if len(operands) != 1 {
		t.usageOf("clone")
		return ExitUsage
	}
	if asked {
		if _, _, err := t.on.loadEarly(); err != nil {
			return t.report(err)
		}
		return t.hookHelp(brand.Clone)
	}
	return t.report(t.on.Clone(context.Background(), cloneOptions(options, operands[0], args)))
}

func (t *Tool) move(args []string) int {
	if err := t.on.begin(VerbMove); err != nil {
		return t.report(err)
	}
	_, operands, status, ok := t.letters(VerbMove, args, "")
	if !ok {
		return status
	}
	if len(operands) != 1 {
		t.usageOf("move")
		return ExitUsage
	}
	return t.report(t.on.Move(context.Background(), operands[0]))
}

func (t *Tool) detach(args []string) int {
	options, _ := getopt.Parse(args, "?n", nil)
	if askedForHelp(options) {
		t.usageOf("detach")
		return ExitOK
	}
	if err := t.on.begin(VerbDetach); err != nil {
		return t.report(err)
	}
	o := DetachOptions{Args: args}
	if has(options, 'n') {
		return t.report(t.on.Manifest(context.Background(), o, t.Out))
	}
	return t.report(t.on.Detach(context.Background(), o))
}

func (t *Tool) attach(args []string) int {
	options, _ := getopt.Parse(args, "?Fn:U", nil)
	if askedForHelp(options) {
		t.usageOf("attach")
		return ExitOK
	}
	if err := t.on.begin(VerbAttach); err != nil {
		return t.report(err)
	}
	o := AttachOptions{Force: has(options, 'F'), Update: has(options, 'U'), Args: args}
	if !has(options, 'n') {
		return t.report(t.on.Attach(context.Background(), o))
	}
	if o.Force {
		t.say("-F and -n flags are mutually exclusive")
		return ExitFailed
	}
	var path string
	for _, option := range options {
		if option.Letter == 'n' {
			path = option.Argument
		}
	}
	text, err := t.readManifest(path)
	if err != nil {
		t.say("could not open manifest path %s: %s", path, reason(err))
		return ExitFailed
	}
	return t.report(t.on.CheckManifest(context.Background(), path, text, args))
}

// readManifest reads the manifest given to attach -n.
func (t *Tool) readManifest(path string) ([]byte, error) {
	switch {
	case path != "-":
		return os.ReadFile(below(t.Dir, path))
	case t.In == nil:
		return nil, nil
	}
	return io.ReadAll(t.In)
}

func (t *Tool) mark(args []string) int {
	options, operands := getopt.Parse(args, "F", nil)
	for _, o := range options {
		if o.Asked() {
			t.usageOf("mark")
			return ExitOK
		}
		if o.Letter == '?' {
			return ExitUsage
		}
	}
	if len(operands) != 1 {
		return ExitUsage
	}
	state, ok := markable[operands[0]]
	if !ok || state != zonecfg.Incomplete && !has(options, 'F') {
		return ExitUsage
	}
	return t.report(t.on.Mark(context.Background(), MarkOptions{State: state, Args: args}))
}

// markable are the states that mark can set.
var markable = map[string]zonecfg.State{
	"configured": zonecfg.Configured, "incomplete": zonecfg.Incomplete, "installed": zonecfg.Installed,
}
