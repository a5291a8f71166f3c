package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/internal/rootfs/skeleton"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// InstallOptions are what Install is told.
type InstallOptions struct {
	Args []string // for the brand
	Dir  string   // relative paths in Args are below it, "": below the process's
}

// Install makes the root directory of a zone that is configured. When it fails, or ctx
// is done first, the zone is configured again and nothing of it is left, or, where
// the brand's hook says nothing of what it left, incomplete.
func (t *Target) Install(ctx context.Context, o InstallOptions) error {
	defer t.forget()
	if err := t.begin(VerbInstall); err != nil {
		return err
	}
	z, b, options, operands, err := t.installArgs(o.Args)
	if err != nil {
		return err
	}
	if err := t.gate(mustNot, false); err != nil {
		return err
	}
	if err := t.verified(ctx, nil); err != nil {
		return err
	}
	if b.Skeleton != nil {
		if err := t.vacant(z); err != nil {
			return err
		}
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.setState(zonecfg.Incomplete); err != nil {
		return err
	}
	fill := t.fill
	if b.Skeleton == nil {
		fill = t.runInstall
	}
	if err := fill(ctx, z, b, o.Dir, options, operands); err != nil {
		return err
	}
	if err := t.setState(zonecfg.Installed); err != nil {
		return err
	}
	if failed := t.hook(ctx, b, z, brand.PostInstall, brandArguments(options, operands)); failed != nil {
		undone := t.setState(zonecfg.Incomplete)
		return t.notInstalled(z, failed).and(undone)
	}
	return nil
}

// installArgs reads the arguments as the zone's brand has them.
func (t *Target) installArgs(args []string) (z *zonecfg.Zone, b *brand.Brand, options []getopt.Option, operands []string, err error) {
	if z, b, err = t.loadEarly(); err != nil {
		return nil, nil, nil, nil, err
	}
	if b.Skeleton == nil && b.Hooks[brand.Install] == "" {
		return nil, nil, nil, nil, t.failed(nil, plain("invalid brand configuration: missing install resource"))
	}
	options, operands = getopt.Parse(args, "?x:"+b.InstallOpts, nil)
	for _, o := range options {
		switch {
		case o.Asked():
			err = t.asked()
		case o.Letter == '?':
			failed := t.usage()
			failed.Err = fmt.Errorf("%w: brand %s has no option -%s, or it lacks its argument", ErrUsage, b.Name, o.Argument)
			err = failed
		case b.Skeleton != nil && !strings.ContainsRune(b.InstallOpts, rune(o.Letter)): // -x is for hooks
			err = t.usage(plain("brand %s has no option -%c", b.Name, o.Letter))
		}
		if err != nil {
			return z, b, options, operands, err
		}
	}
	if b.Skeleton != nil && len(operands) > 0 {
		err = t.usage(plain("unexpected argument '%s': brand %s takes none", operands[0], b.Name))
	}
	return z, b, options, operands, err
}

// loadEarly is load for a verb that looks at the zone's files before it asks the gate,
// which refuses a zone that has none.
func (t *Target) loadEarly() (*zonecfg.Zone, *brand.Brand, error) {
	if err := t.mayAsk(); err != nil && (t.Name == "" || t.Name == zone.GlobalName || t.Inside) {
		return nil, nil, err
	}
	return t.load()
}

// brandArguments are the arguments of install as its hook gets them: every option of
// the brand with its argument, then the operands.
func brandArguments(options []getopt.Option, operands []string) string {
	var b strings.Builder
	for _, o := range options {
		fmt.Fprintf(&b, " -%c%s", o.Letter, o.Argument)
	}
	return b.String() + verbatim(operands)
}

// runInstall has the brand's hook make the zone's root directory.
func (t *Target) runInstall(ctx context.Context, z *zonecfg.Zone, b *brand.Brand, _ string, options []getopt.Option, operands []string) error {
	ended := t.step(RunningHook, "running the brand's install hook")
	failed := t.hook(ctx, b, z, brand.Install, brandArguments(options, operands))
	ended()
	if failed != nil {
		return t.notInstalled(z, failed)
	}
	return nil
}

// fill has this project's own code make the zone's root directory.
func (t *Target) fill(ctx context.Context, z *zonecfg.Zone, b *brand.Brand, dir string, options []getopt.Option, _ []string) error {
	i := &skeleton.Installation{Zone: z, Root: filepath.Join(z.Zonepath, "root"), Option: map[byte]string{}}
	for _, o := range options {
		i.Option[o.Letter] = below(dir, o.Argument)
	}
	ended := t.step(Installing, "installing it")
	err := os.Mkdir(i.Root, 0o755)
	if errors.Is(err, os.ErrExist) {
		err = nil // and empty
	}
	if err == nil {
		err = skeleton.Install(ctx, b, i)
	}
	ended()
	if ctx.Err() != nil {
		err = interrupted{ctx.Err()}
	}
	if err == nil {
		return nil
	}
	return t.fails(err).and(t.backToConfigured(z))
}

// interrupted is the error of an installation whose context was done.
type interrupted struct{ err error }

func (interrupted) Error() string   { return "interrupted: what there was of the zone is removed again" }
func (e interrupted) Unwrap() error { return e.err }

// below is the path of a file that is read, as the caller meant it.
func below(dir, path string) string {
	if path == "" || path == "-" || filepath.IsAbs(path) || dir == "" {
		return path
	}
	return filepath.Join(dir, path)
}

// vacant checks that nothing lies where the zone's files are to be made: a failed
// installation removes what is there.
func (t *Target) vacant(z *zonecfg.Zone) error {
	root := filepath.Join(z.Zonepath, "root")
	entries, err := os.ReadDir(root)
	if err == nil && len(entries) > 0 {
		return t.failed(os.ErrExist, plain("%s isn't empty: remove what is there, or use attach if it is a zone", root))
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return t.failed(err, about(root, err))
	}
	return nil
}

// notInstalled ends an install or clone whose hook has failed, by what the hook said
// of what it left.
func (t *Target) notInstalled(z *zonecfg.Zone, failed *HookError) *Error {
	err := t.hookFailed(failed)
	switch failed.Code {
	case brand.ExitUsage:
		err.Usage = true
	case brand.ExitClean:
		return err.and(t.backToConfigured(z))
	}
	return err
}

// backToConfigured removes what there is of a zone that could not be installed.
func (t *Target) backToConfigured(z *zonecfg.Zone) error {
	if err := t.clean(z.Zonepath, false); err != nil {
		return t.failure("cleaning up zonepath failed", err)
	}
	return t.setState(zonecfg.Configured)
}
