package zoneadm

import (
	"context"
	"path/filepath"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// UninstallOptions are the options of [Target.Uninstall].
type UninstallOptions struct {
	Args []string // the arguments of the brand's hooks, including -F
	// Sure, if not nil, is called for confirmation. An error ends the verb.
	Sure func() error
}

// Uninstall removes the files of a zone and changes it to configured.
func (t *Target) Uninstall(ctx context.Context, o UninstallOptions) error {
	defer t.forget()
	if err := t.enter(VerbUninstall, mustNot, false); err != nil {
		return err
	}
	z, b, err := t.load()
	if err != nil {
		return err
	}
	if failed := t.verifyAdm(ctx, b, z, o.Args); failed != nil {
		return t.hookFailed(failed)
	}
	if t.DryRun {
		return t.dryUninstall(z, b, o.Args)
	}
	if o.Sure != nil {
		if err := o.Sure(); err != nil {
			return err
		}
	}
	t.notify(zone.CommandNoteUninstalling)
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.unmounted(filepath.Join(z.Zonepath, "root")); err != nil {
		return err
	}
	if b.Command(brand.Uninstall, z.Name, z.Zonepath) == "" {
		if err := t.separable(z.Zonepath); err != nil {
			return err
		}
	}
	args := verbatim(o.Args)
	if failed := t.hook(ctx, b, z, brand.PreUninstall, args); failed != nil {
		return t.hookFailed(failed)
	}
	if err := t.setState(zonecfg.Incomplete); err != nil {
		return err
	}
	if err := t.remove(ctx, z, b, args); err != nil {
		return err
	}
	return t.setState(zonecfg.Configured)
}

// remove removes the zone's files, with the brand's hook if it has one.
func (t *Target) remove(ctx context.Context, z *zonecfg.Zone, b *brand.Brand, args string) error {
	ended := t.step(Removing, "removing its files")
	defer ended()
	if b.Command(brand.Uninstall, z.Name, z.Zonepath) != "" {
		if failed := t.hook(ctx, b, z, brand.Uninstall, args); failed != nil {
			return t.hookFailed(failed)
		}
		return nil
	}
	if err := t.clean(ctx, z.Zonepath, false); err != nil {
		failed := t.notCleaned(err)
		failed.Status = codeOf(err)
		return failed
	}
	return nil
}
