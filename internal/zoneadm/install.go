package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/internal/rootfs/skeleton"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// InstallOptions are the options of [Target.Install].
type InstallOptions struct {
	Args []string // arguments for the brand
	Dir  string   // directory of relative paths in Args; "" is the current directory
}

// Install creates the root directory of a configured zone. If it fails or is interrupted,
// it removes what it has created, and the zone is configured again. If a brand's hook
// fails without cleaning up, the zone is incomplete.
func (t *Target) Install(ctx context.Context, o InstallOptions) (failed error) {
	defer t.forget()
	defer t.unmake(&failed)
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
	if t.DryRun {
		return t.dryInstall(z, b, o.Dir, options, operands)
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.setState(zonecfg.Incomplete); err != nil {
		return err
	}
	if !slices.ContainsFunc(options, func(o getopt.Option) bool { return o.Letter == 'x' && o.Argument == noDataset }) {
		t.createDataset(z.Zonepath)
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

// installArgs parses the arguments, with the options of the zone's brand.
func (t *Target) installArgs(args []string) (z *zonecfg.Zone, b *brand.Brand, options []getopt.Option, operands []string, err error) {
	if z, b, err = t.loadEarly(); err != nil {
		return nil, nil, nil, nil, err
	}
	if b.Skeleton == nil && b.Hooks[brand.Install] == "" {
		return nil, nil, nil, nil, t.failed(nil, plain("invalid brand configuration: missing install resource"))
	}
	letters := "?x:" + b.InstallOpts
	if b.Skeleton != nil {
		options, operands = takenApart(args, letters)
	} else {
		options, operands = getopt.Parse(args, letters, nil)
	}
	for _, o := range options {
		switch {
		case o.Asked():
			err = t.asked()
		case o.Letter == '?':
			failed := t.usage()
			failed.Err = fmt.Errorf("%w: brand %s has no option -%s, or it lacks its argument", ErrUsage, b.Name, o.Argument)
			err = failed
		case b.Skeleton == nil:
		case o.Letter == 'x' && o.Argument != noDataset:
			err = t.usage(plain("brand %s knows no -x %s, only -x %s", b.Name, o.Argument, noDataset))
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

// noDataset is the argument of -x by which a zonepath is a plain directory even if it could
// be a ZFS file system.
const noDataset = "nodataset"

// takenApart parses the arguments of a brand without hooks as the shell that runs a hook
// does: an empty word is no argument, and an option and its argument may be in one word.
func takenApart(args []string, letters string) (options []getopt.Option, operands []string) {
	var words []string
	for _, word := range args {
		if len(word) > 2 && word[0] == '-' && word[2] == ' ' {
			words = append(words, strings.Fields(word)...)
			continue
		}
		words = append(words, word)
	}
	options, operands = getopt.Parse(words, letters, nil)
	for len(operands) > 0 && strings.TrimSpace(operands[0]) == "" {
		var more []getopt.Option
		more, operands = getopt.Parse(operands[1:], letters, nil)
		options = append(options, more...)
	}
	return options, operands
}

// loadEarly is load for a verb that needs the configuration before it passes the gate. The
// gate's error is returned for a zone that has no configuration.
func (t *Target) loadEarly() (*zonecfg.Zone, *brand.Brand, error) {
	if err := t.mayAsk(); err != nil && (t.Name == "" || t.Name == zone.GlobalName || t.Inside) {
		return nil, nil, err
	}
	return t.load()
}

// brandArguments returns the arguments of the install hook: each option with its argument,
// then the operands.
func brandArguments(options []getopt.Option, operands []string) string {
	var b strings.Builder
	for _, o := range options {
		fmt.Fprintf(&b, " -%c%s", o.Letter, o.Argument)
	}
	return b.String() + verbatim(operands)
}

// runInstall creates the zone's root directory with the brand's hook.
func (t *Target) runInstall(ctx context.Context, z *zonecfg.Zone, b *brand.Brand, _ string, options []getopt.Option, operands []string) error {
	ended := t.step(RunningHook, "running the brand's install hook")
	failed := t.hook(ctx, b, z, brand.Install, brandArguments(options, operands))
	ended()
	if failed != nil {
		return t.notInstalled(z, failed)
	}
	return nil
}

// fill creates the zone's root directory without a hook.
func (t *Target) fill(ctx context.Context, z *zonecfg.Zone, b *brand.Brand, dir string, options []getopt.Option, _ []string) error {
	i := &skeleton.Installation{Zone: z, Root: filepath.Join(z.Zonepath, "root"), Option: map[byte]string{},
		Warn: func(line string) { t.warn(plain("WARNING: %s", line)) }}
	for _, o := range options {
		i.Option[o.Letter] = below(dir, o.Argument)
	}
	ended := t.step(Installing, "installing it")
	err := os.Mkdir(i.Root, 0o755)
	if errors.Is(err, os.ErrExist) {
		err = nil // it is empty
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

// interrupted is the error of an installation that was interrupted.
type interrupted struct{ err error }

func (interrupted) Error() string   { return "interrupted: what there was of the zone is removed again" }
func (e interrupted) Unwrap() error { return e.err }

// below resolves a relative path.
func below(dir, path string) string {
	if path == "" || path == "-" || filepath.IsAbs(path) || dir == "" {
		return path
	}
	return filepath.Join(dir, path)
}

// vacant checks that the root directory is empty or missing, since a failed installation
// removes it.
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

// notInstalled handles the failure of an install hook. Its exit status says whether it has
// cleaned up.
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

// backToConfigured removes the zonepath and sets the state to configured, also when the
// installation was cancelled.
func (t *Target) backToConfigured(z *zonecfg.Zone) error {
	if err := t.clean(context.Background(), z.Zonepath, false); err != nil {
		return t.notCleaned(err)
	}
	return t.setState(zonecfg.Configured)
}
