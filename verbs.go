package zones

import (
	"bytes"
	"context"

	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/zonecfg"
)

// If ctx is done before a verb has finished, the verb returns soon, with an error that
// wraps ctx.Err(). A request to the zone's daemon can't be interrupted: the daemon still
// completes it. Refresh shows the result.

// InstallOptions are the options of [Zone.Install]. The zero value is right for brands
// that need no archive.
type InstallOptions struct {
	Archive string   // for brand tar: a tar archive or an OCI image layout
	Args    []string // further arguments of zoneadm(8) install
	Observer
}

// Install creates the root directory of a configured zone. If it fails or is
// interrupted, it removes what it has created, and the zone is still configured. If a
// brand's hook fails without cleaning up, the zone is incomplete and must be
// uninstalled.
func (z *Zone) Install(ctx context.Context, o InstallOptions) error {
	args := o.Args
	if o.Archive != "" {
		args = append([]string{"-a", o.Archive}, args...)
	}
	return failed(z.on(o.Observer).Install(ctx, zoneadm.InstallOptions{Args: args}))
}

// CloneOptions are the options of [Zone.Clone].
type CloneOptions struct {
	Args []string // for the brand's clone hook, if it has one
	Observer
}

// Clone installs a configured zone as a copy of an installed zone of the same brand.
func (z *Zone) Clone(ctx context.Context, source string, o CloneOptions) error {
	args := append(append([]string(nil), o.Args...), source)
	return failed(z.on(o.Observer).Clone(ctx, zoneadm.CloneOptions{Source: source, Args: args}))
}

// MoveOptions are the options of [Zone.Move].
type MoveOptions struct{ Observer }

// Move moves an installed zone to another zonepath. If it fails, the zone stays where it
// was.
func (z *Zone) Move(ctx context.Context, zonepath string, o MoveOptions) error {
	return failed(z.on(o.Observer).Move(ctx, zonepath))
}

// DetachOptions are the options of [Zone.Detach].
type DetachOptions struct {
	Args []string // for the brand
	Observer
}

// Detach changes an installed zone to configured, but keeps its files and adds a manifest
// to them. They can be attached to a zone here or on another machine.
func (z *Zone) Detach(ctx context.Context, o DetachOptions) error {
	return failed(z.on(o.Observer).Detach(ctx, zoneadm.DetachOptions{Args: o.Args}))
}

// Manifest returns the manifest that [Zone.Detach] would write.
func (z *Zone) Manifest(ctx context.Context) ([]byte, error) {
	var text bytes.Buffer
	err := z.on(Observer{}).Manifest(ctx, zoneadm.DetachOptions{}, &text)
	return text.Bytes(), failed(err)
}

// AttachOptions are the options of [Zone.Attach].
type AttachOptions struct {
	Force bool     // skip the brand's checks
	Args  []string // for the brand
	Observer
}

// Attach changes a configured zone to installed, with the files of a detached zone at its
// zonepath.
func (z *Zone) Attach(ctx context.Context, o AttachOptions) error {
	args := o.Args
	if o.Force {
		args = append([]string{"-F"}, args...)
	}
	return failed(z.on(o.Observer).Attach(ctx, zoneadm.AttachOptions{Force: o.Force, Args: args}))
}

// VerifyOptions are the options of [Zone.Verify].
type VerifyOptions struct{ Observer }

// Verify checks whether the zone's configuration can be used on this machine. If not, it
// returns [ErrVerify]; the Problems of the [Error] say why.
func (z *Zone) Verify(ctx context.Context, o VerifyOptions) error {
	return failed(z.on(o.Observer).Verify(ctx))
}

// BootOptions are the options of [Zone.Boot].
type BootOptions struct {
	Args   []string // arguments of the zone's init
	Single bool     // boot into single-user mode
	Force  bool     // boot even if the zone is incomplete
	Observer
}

// Boot makes the zone ready if necessary, starts its init and returns when that has been
// executed. It does nothing if the zone is running.
func (z *Zone) Boot(ctx context.Context, o BootOptions) error {
	return failed(z.on(o.Observer).Boot(ctx, zoneadm.BootOptions{Args: o.Args, Single: o.Single, Force: o.Force}))
}

// ReadyOptions are the options of [Zone.Ready].
type ReadyOptions struct{ Observer }

// Ready makes the zone ready: it has its file systems, network and resource controls, but
// no user process.
func (z *Zone) Ready(ctx context.Context, o ReadyOptions) error {
	return failed(z.on(o.Observer).Ready(ctx))
}

// MountOptions are the options of [Zone.Mount].
type MountOptions struct {
	Force bool // mount the zone even if it is incomplete
	Observer
}

// Mount mounts an installed zone for maintenance of its files: the zone is in state mounted,
// without its init and its network. Programs that [Zone.Command] starts in it are those of this
// machine, and have the zone's own files on /a. [Zone.Unmount] ends that; until then every
// other verb that would change the zone fails with [ErrState].
func (z *Zone) Mount(ctx context.Context, o MountOptions) error {
	return failed(z.on(o.Observer).Mount(ctx, o.Force))
}

// UnmountOptions are the options of [Zone.Unmount].
type UnmountOptions struct{ Observer }

// Unmount ends the programs in a mounted zone and takes away what was mounted for it.
func (z *Zone) Unmount(ctx context.Context, o UnmountOptions) error {
	return failed(z.on(o.Observer).Unmount(ctx))
}

// RebootOptions are the options of [Zone.Reboot].
type RebootOptions struct {
	Args []string // arguments of the zone's init
	Observer
}

// Reboot halts a running zone and boots it again.
func (z *Zone) Reboot(ctx context.Context, o RebootOptions) error {
	return failed(z.on(o.Observer).Reboot(ctx, zoneadm.RebootOptions{Args: o.Args}))
}

// ShutdownOptions are the options of [Zone.Shutdown].
type ShutdownOptions struct {
	Boot bool     // boot the zone again
	Args []string // arguments of the zone's init, with Boot
	Observer
}

// Shutdown shuts a running zone down cleanly, by its init. It returns an error if that
// takes too long; the zone then still runs.
func (z *Zone) Shutdown(ctx context.Context, o ShutdownOptions) error {
	return failed(z.on(o.Observer).Shutdown(ctx, zoneadm.ShutdownOptions{Boot: o.Boot, Args: o.Args}))
}

// HaltOptions are the options of [Zone.Halt].
type HaltOptions struct{ Observer }

// Halt kills all processes of the zone and changes it to installed. It does nothing if
// the zone is halted.
func (z *Zone) Halt(ctx context.Context, o HaltOptions) error {
	return failed(z.on(o.Observer).Halt(ctx))
}

// UninstallOptions are the options of [Zone.Uninstall].
type UninstallOptions struct {
	Args []string // for the brand
	Observer
}

// Uninstall removes the files of a zone that isn't active and changes it to configured.
func (z *Zone) Uninstall(ctx context.Context, o UninstallOptions) error {
	args := append([]string{"-F"}, o.Args...)
	return failed(z.on(o.Observer).Uninstall(ctx, zoneadm.UninstallOptions{Args: args}))
}

// Mark sets the state of a zone that isn't active, without doing anything else. The state
// is [zonecfg.Configured], [zonecfg.Incomplete] or [zonecfg.Installed].
func (z *Zone) Mark(ctx context.Context, state zonecfg.State) error {
	return failed(z.on(Observer{}).Mark(ctx, zoneadm.MarkOptions{State: state, Args: []string{"-F", state.String()}}))
}

// Hold is something that keeps a zone from going down, or its zonepath from being moved or
// removed.
type Hold = zoneadm.Hold

// Holds returns what keeps the zone from going down or its zonepath busy: processes, open
// files, mounts, data links, references of the kernel, and the owner of the zone's lock.
func (z *Zone) Holds(ctx context.Context) ([]Hold, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	held, err := z.on(Observer{}).Holds()
	if err != nil {
		return nil, failed(err)
	}
	return held.List, nil
}

// DeleteOptions are the options of [Zone.Delete].
type DeleteOptions struct {
	Force bool // delete the configuration of an installed zone, but not its files
}

// Delete deletes the configuration of a zone that isn't active.
func (z *Zone) Delete(ctx context.Context, o DeleteOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return failed(z.on(Observer{}).Delete(o.Force))
}
