package zoneadm

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// DetachOptions are the options of [Target.Detach].
type DetachOptions struct {
	Args []string // the arguments of the brand's hooks
}

// Detach changes an installed zone to configured, but keeps its files and adds a manifest
// to them.
func (t *Target) Detach(ctx context.Context, o DetachOptions) error {
	defer t.forget()
	if err := t.enter(VerbDetach, mustNot, false); err != nil {
		return err
	}
	if err := t.verified(ctx, o.Args); err != nil {
		return err
	}
	z, b, err := t.load()
	if err != nil {
		return err
	}
	if t.DryRun {
		return t.dryDetach(z, b, o.Args)
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	err = t.detach(ctx, z, b, o.Args, func(manifest []byte) error {
		if err := t.unmounted(z.Zonepath); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(z.Zonepath, zonecfg.DetachedManifest), manifest, 0o644); err != nil {
			return t.fails(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.setState(zonecfg.Configured)
}

// Manifest writes the manifest that Detach would add.
func (t *Target) Manifest(ctx context.Context, o DetachOptions, to io.Writer) error {
	defer t.forget()
	if err := t.begin(VerbDetach); err != nil {
		return err
	}
	switch t.Name {
	case "":
		return t.failed(ErrNotConfigured, plain("no zone specified"))
	case zone.GlobalName:
		return t.failed(ErrState, plain("detach operation is invalid for the global zone."))
	}
	z, b, err := t.load()
	if err != nil {
		return err
	}
	return t.detach(ctx, z, b, o.Args, func(manifest []byte) error {
		if _, err := to.Write(manifest); err != nil {
			return t.fails(err)
		}
		return nil
	})
}

// detach runs the brand's hooks. If the brand has no detach hook, it calls write with the
// manifest.
func (t *Target) detach(ctx context.Context, z *zonecfg.Zone, b *brand.Brand, args []string, write func(manifest []byte) error) error {
	if failed := t.hook(ctx, b, z, brand.PreDetach, verbatim(args)); failed != nil {
		return t.hookFailed(failed)
	}
	if b.Hooks[brand.Detach] == "" {
		return write(z.XML(zonecfg.ForAttach))
	}
	if failed := t.hook(ctx, b, z, brand.Detach, verbatim(args)); failed != nil {
		return t.hookFailed(failed)
	}
	return nil
}
