package zoneadm

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// CloneOptions are the options of [Target.Clone].
type CloneOptions struct {
	Source   string   // the zone to copy
	Method   string   // -m: "" or "copy"
	Snapshot string   // -s: a ZFS snapshot to clone
	Args     []string // the arguments of the brand's hooks, including the above
}

// Clone installs a configured zone as a copy of an installed one.
func (t *Target) Clone(ctx context.Context, o CloneOptions) (failed error) {
	defer t.forget()
	defer t.unmake(&failed)
	if err := t.begin(VerbClone); err != nil {
		return err
	}
	z, b, err := t.loadEarly()
	if err != nil {
		return err
	}
	if err := t.gate(mustNot, false); err != nil {
		return err
	}
	if err := t.verified(ctx, nil); err != nil {
		return err
	}
	source, err := t.source(o.Source, z)
	if err != nil {
		return err
	}
	if err := t.mounted(source.Zonepath); err != nil {
		return err
	}
	t.warnShared(z, source)
	if t.DryRun {
		return t.dryClone(z, source, b, o)
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.setState(zonecfg.Incomplete); err != nil {
		return err
	}
	if err := t.cloneFrom(ctx, z, source, b, o); err != nil {
		return err
	}
	if failed := t.hook(ctx, b, z, brand.PostClone, verbatim(o.Args)); failed != nil {
		return t.hookFailed(failed, plain("post-clone configuration failed."))
	}
	return t.setState(zonecfg.Installed)
}

// cloneOptions converts the parsed arguments of clone.
func cloneOptions(options []getopt.Option, source string, args []string) CloneOptions {
	o := CloneOptions{Source: source, Args: args}
	for _, option := range options {
		switch option.Letter {
		case 'm':
			o.Method = option.Argument
		case 's':
			o.Snapshot = option.Argument
		}
	}
	return o
}

// source checks that a zone can be cloned, and returns its configuration.
func (t *Target) source(name string, z *zonecfg.Zone) (*zonecfg.Zone, error) {
	switch {
	case name == zone.GlobalName:
		return nil, t.failed(ErrState, plain("clone operation is invalid for the global zone."))
	case zonecfg.ReservedName(name):
		return nil, t.failed(ErrState, plain("clone operation is invalid for zones starting with SUNW."))
	case !t.Caller.may("solaris.zone.clonefrom/" + name):
		return nil, t.failed(ErrPermission, plain("clone operation is invalid because user is not authorized to read source zone."))
	}
	state, active, err := t.stateOf(name)
	switch {
	case err != nil:
		f := &Failure{name, "could not get state", err}
		return nil, t.failed(f, lineOf(f))
	case active:
		// The original's line is about the source, but names the new zone.
		return nil, t.failed(&StateError{state}, plain("clone operation is invalid for %s zones.", state),
			named("zone %s, the source, is %s: halt it first.", name, state))
	case state != zonecfg.Installed:
		return nil, t.failed(&StateError{state}, named("zone %s is %s; %s is required.", name, state, zonecfg.Installed))
	}
	source, err := t.Store.Load(name)
	if err != nil {
		return nil, t.failed(err, about("clone", err))
	}
	if source.Brand != z.Brand {
		return nil, t.failed(ErrState, named("Zones '%s' and '%s' have different brand types.", name, t.Name))
	}
	return source, nil
}

// warnShared warns about resources that both zones are configured with.
func (t *Target) warnShared(z, source *zonecfg.Zone) {
	for _, f := range z.FS {
		for _, g := range source.FS {
			switch {
			case f.Special != g.Special || f.Type != g.Type:
			case f.Type == "lofs":
				if !slices.Contains(f.Options, "ro") || !slices.Contains(g.Options, "ro") {
					t.warn(bare("WARNING: read-write lofs file system on '%s' is configured in both zones.", f.Special))
				}
			default:
				t.warn(bare("WARNING: %s file system on '%s' is configured in both zones.", f.Type, f.Special))
			}
		}
	}
	for _, n := range z.Net {
		if n.Address != "" && slices.ContainsFunc(source.Net, func(o zonecfg.Net) bool { return o.Address == n.Address }) {
			t.warn(bare("WARNING: network address '%s' is configured in both zones.", n.Address))
		}
	}
	for _, d := range z.Device {
		if slices.Contains(source.Device, d) {
			t.warn(bare("WARNING: device '%s' is configured in both zones.", d.Match))
		}
	}
	for _, d := range z.Dataset {
		if slices.Contains(source.Dataset, d) {
			t.warn(plain("WARNING: dataset '%s' is configured in both zones.", d.Name))
		}
	}
}

// cloneFrom creates the zone's files with the brand's hook, or as a copy of the source's.
func (t *Target) cloneFrom(ctx context.Context, z, source *zonecfg.Zone, b *brand.Brand, o CloneOptions) error {
	if b.Hooks[brand.Clone] != "" {
		failed := t.hook(ctx, b, z, brand.Clone, verbatim(o.Args))
		if failed == nil {
			return nil
		}
		err := t.hookFailed(failed)
		err.Usage = failed.Code == brand.ExitUsage
		return err
	}
	if o.Method != "" && o.Method != "copy" {
		err := t.usage()
		err.Status = ExitFailed
		return err
	}
	if err := t.cloneFiles(ctx, z, source, b, o); err != nil {
		return err
	}
	for _, name := range []string{zonecfg.DetachedManifest, zonecfg.AttachedManifest} {
		os.Remove(filepath.Join(z.Zonepath, name))
	}
	return nil
}

// cloneFiles clones the source's dataset or the given snapshot, or copies the files.
func (t *Target) cloneFiles(ctx context.Context, z, source *zonecfg.Zone, b *brand.Brand, o CloneOptions) error {
	if o.Snapshot != "" {
		return t.cloneGiven(ctx, z, b, o.Snapshot)
	}
	if o.Method == "" && t.cloneDataset(ctx, z, source, b) {
		return nil
	}
	if err := t.unmounted(source.Zonepath); err != nil {
		return err
	}
	return t.cloneCopy(ctx, source.Zonepath, z.Zonepath)
}
