package zoneadm

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// AttachOptions are the options of [Target.Attach].
type AttachOptions struct {
	Force  bool     // -F: skip the checks
	Update bool     // -U: the zone may be incomplete
	Args   []string // the arguments of the brand's hooks, including the above
}

// Attach changes a configured zone to installed, with the files of a detached zone at its
// zonepath.
func (t *Target) Attach(ctx context.Context, o AttachOptions) error {
	defer t.forget()
	if err := t.enter(VerbAttach, mustNot, o.Update); err != nil {
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
		return t.dryAttach(z, b, o)
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if !o.Force {
		if failed := t.hook(ctx, b, z, brand.Attach, verbatim(o.Args)); failed != nil {
			return t.hookFailed(failed)
		}
	}
	if !t.zonepath(z, b) {
		return t.unsound(ErrVerify, bare("could not verify zonepath %s because of the above errors.", z.Zonepath))
	}
	if err := t.takeManifest(z, o.Force); err != nil {
		return err
	}
	if err := t.setState(zonecfg.Installed); err != nil || o.Force {
		return err
	}
	if failed := t.hook(ctx, b, z, brand.PostAttach, verbatim(o.Args)); failed != nil {
		// Like the original, exit with the status of setting the state back.
		undone := t.setState(zonecfg.Configured)
		err := t.hookFailed(failed).and(undone)
		if undone == nil {
			err.Status = ExitOK
		}
		return err
	}
	return nil
}

// takeManifest checks that the zonepath has a root directory, and removes the manifest. A
// forced attach renames the manifest instead.
func (t *Target) takeManifest(z *zonecfg.Zone, force bool) error {
	if err := t.hasRoot(z); err != nil {
		return err
	}
	detached, attached := filepath.Join(z.Zonepath, zonecfg.DetachedManifest), filepath.Join(z.Zonepath, zonecfg.AttachedManifest)
	if !force {
		os.Remove(detached)
		os.Remove(attached)
		return nil
	}
	if err := os.Rename(detached, attached); err != nil && !errors.Is(err, os.ErrNotExist) {
		return t.fails(err)
	}
	return nil
}

// hasRoot checks that a zone's files are there. The brands of this project have no hooks that
// would check this.
func (t *Target) hasRoot(z *zonecfg.Zone) error {
	root := filepath.Join(z.Zonepath, "root")
	if info, err := os.Lstat(root); err != nil || !info.IsDir() {
		return t.failed(os.ErrNotExist, plain("there is no zone at %s: it has no directory root", z.Zonepath))
	}
	return nil
}

// CheckManifest asks the brand of a manifest whether such a zone could be attached. path
// is used in messages; "-" is standard input.
func (t *Target) CheckManifest(ctx context.Context, path string, text []byte, args []string) error {
	defer t.forget()
	if err := t.begin(VerbAttach); err != nil {
		return err
	}
	z, err := zonecfg.ParseXML(text)
	if err != nil {
		switch {
		case len(text) >= 5 && string(text[:5]) == "<?xml":
			return t.failed(err, plain("Cannot attach to an earlier release of the operating system"))
		case path == "-":
			return t.failed(err, plain("Input is not a valid XML file"))
		}
		return t.failed(err, plain("%s is not an XML file", path))
	}
	z.Name, z.Zonepath = "-", "-"
	b, err := t.brandOf(z)
	if err != nil {
		return err
	}
	if failed := t.verifyAdm(ctx, b, z, args); failed != nil {
		return t.hookFailed(failed)
	}
	if b.Hooks[brand.Attach] == "" {
		return nil
	}
	copied, err := os.CreateTemp("", "zone.manifest")
	if err != nil {
		return t.fails(err)
	}
	defer os.Remove(copied.Name())
	_, err = copied.Write(text)
	if err := errors.Join(err, copied.Close()); err != nil {
		return t.fails(err)
	}
	if failed := t.hook(ctx, b, z, brand.Attach, " -n "+copied.Name()); failed != nil {
		return t.hookFailed(failed)
	}
	return nil
}
