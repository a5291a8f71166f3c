package zones

import (
	"bytes"
	"context"

	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/zonecfg"
)

// Each verb returns when it is done, or soon after ctx is done, with an error in whose
// chain ctx's is. What can't be stopped half way, a request to the zone's daemon, then
// goes on by itself: Refresh tells what became of it.

// InstallOptions are what [Zone.Install] is told. The zero value will do for brands
// that need no source.
type InstallOptions struct {
	Archive string   // what brand tar unpacks: a tar archive or an OCI layout
	Args    []string // more for the brand, as zoneadm(8) install takes them
	Observer
}

// Install makes the root directory of a zone that is configured. When it fails, or ctx
// is done first, what there was of the root directory is removed again; only where a
// hook of the brand doesn't say what it has left the zone is incomplete, and has to be
// uninstalled.
func (z *Zone) Install(ctx context.Context, o InstallOptions) error {
	args := o.Args
	if o.Archive != "" {
		args = append([]string{"-a", o.Archive}, args...)
	}
	return failed(z.on(o.Observer).Install(ctx, zoneadm.InstallOptions{Args: args}))
}

// CloneOptions are what [Zone.Clone] is told.
type CloneOptions struct {
	Args []string // for a brand that clones by a hook
	Observer
}

// Clone installs a zone that is configured as a copy of one that is installed and of
// the same brand.
func (z *Zone) Clone(ctx context.Context, source string, o CloneOptions) error {
	args := append(append([]string(nil), o.Args...), source)
	return failed(z.on(o.Observer).Clone(ctx, zoneadm.CloneOptions{Source: source, Args: args}))
}

// MoveOptions are what [Zone.Move] is told.
type MoveOptions struct{ Observer }

// Move moves the files of an installed zone to another zonepath. When it fails they are
// where they were.
func (z *Zone) Move(ctx context.Context, zonepath string, o MoveOptions) error {
	return failed(z.on(o.Observer).Move(ctx, zonepath))
}

// DetachOptions are what [Zone.Detach] is told.
type DetachOptions struct {
	Args []string // for the brand
	Observer
}

// Detach takes an installed zone from this machine: its files stay, with a manifest of
// its configuration beside them, and the zone is configured.
func (z *Zone) Detach(ctx context.Context, o DetachOptions) error {
	return failed(z.on(o.Observer).Detach(ctx, zoneadm.DetachOptions{Args: o.Args}))
}

// Manifest returns the manifest that [Zone.Detach] would leave with the zone's files,
// and changes nothing.
func (z *Zone) Manifest(ctx context.Context) ([]byte, error) {
	var text bytes.Buffer
	err := z.on(Observer{}).Manifest(ctx, zoneadm.DetachOptions{}, &text)
	return text.Bytes(), failed(err)
}

// AttachOptions are what [Zone.Attach] is told.
type AttachOptions struct {
	Force bool     // check nothing
	Args  []string // for the brand
	Observer
}

// Attach takes the files of a detached zone that lie at the zonepath as the zone's, and
// leaves it installed.
func (z *Zone) Attach(ctx context.Context, o AttachOptions) error {
	args := o.Args
	if o.Force {
		args = append([]string{"-F"}, args...)
	}
	return failed(z.on(o.Observer).Attach(ctx, zoneadm.AttachOptions{Force: o.Force, Args: args}))
}

// VerifyOptions are what [Zone.Verify] is told.
type VerifyOptions struct{ Observer }

// Verify checks whether the zone's configuration can be made true on this machine.
// What is wrong is in the Problems of the [Error].
func (z *Zone) Verify(ctx context.Context, o VerifyOptions) error {
	return failed(z.on(o.Observer).Verify(ctx))
}

// BootOptions are what [Zone.Boot] is told.
type BootOptions struct {
	Args   []string // for the zone's init
	Single bool     // to single-user maintenance, -s
	Force  bool     // the zone may be incomplete
	Observer
}

// Boot makes the zone ready, if it isn't, and starts its init. It returns when init has
// been executed. A zone that runs is left alone.
func (z *Zone) Boot(ctx context.Context, o BootOptions) error {
	return failed(z.on(o.Observer).Boot(ctx, zoneadm.BootOptions{Args: o.Args, Single: o.Single, Force: o.Force}))
}

// ReadyOptions are what [Zone.Ready] is told.
type ReadyOptions struct{ Observer }

// Ready makes the zone ready: it has all that it gets of the machine, and no process of
// its own.
func (z *Zone) Ready(ctx context.Context, o ReadyOptions) error {
	return failed(z.on(o.Observer).Ready(ctx))
}

// RebootOptions are what [Zone.Reboot] is told.
type RebootOptions struct {
	Args []string // for the zone's init
	Observer
}

// Reboot halts a zone that runs and boots it again.
func (z *Zone) Reboot(ctx context.Context, o RebootOptions) error {
	return failed(z.on(o.Observer).Reboot(ctx, zoneadm.RebootOptions{Args: o.Args}))
}

// ShutdownOptions are what [Zone.Shutdown] is told.
type ShutdownOptions struct {
	Boot bool     // boot the zone again when it is down
	Args []string // for the zone's init then
	Observer
}

// Shutdown asks the zone's init to end everything in good order, and returns when the
// zone is down, or with an error when that takes too long: then it still runs.
func (z *Zone) Shutdown(ctx context.Context, o ShutdownOptions) error {
	return failed(z.on(o.Observer).Shutdown(ctx, zoneadm.ShutdownOptions{Boot: o.Boot, Args: o.Args}))
}

// HaltOptions are what [Zone.Halt] is told.
type HaltOptions struct{ Observer }

// Halt ends everything in the zone at once and takes it down to installed. A zone that
// is halted is left alone.
func (z *Zone) Halt(ctx context.Context, o HaltOptions) error {
	return failed(z.on(o.Observer).Halt(ctx))
}

// UninstallOptions are what [Zone.Uninstall] is told.
type UninstallOptions struct {
	Args []string // for the brand
	Observer
}

// Uninstall removes the files of a zone that isn't active and leaves it configured.
// Nobody is asked first.
func (z *Zone) Uninstall(ctx context.Context, o UninstallOptions) error {
	args := append([]string{"-F"}, o.Args...)
	return failed(z.on(o.Observer).Uninstall(ctx, zoneadm.UninstallOptions{Args: args}))
}

// Mark sets the state that the zone has on disk, [zonecfg.Configured],
// [zonecfg.Incomplete] or [zonecfg.Installed], and changes nothing else of it.
func (z *Zone) Mark(ctx context.Context, state zonecfg.State) error {
	return failed(z.on(Observer{}).Mark(ctx, zoneadm.MarkOptions{State: state, Args: []string{"-F", state.String()}}))
}

// DeleteOptions are what [Zone.Delete] is told.
type DeleteOptions struct {
	Force bool // also of a zone that is installed, whose files stay
}

// Delete takes the zone's configuration off the disk. Then there is no such zone.
func (z *Zone) Delete(ctx context.Context, o DeleteOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return failed(z.on(Observer{}).Delete(o.Force))
}
