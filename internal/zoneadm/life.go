package zoneadm

import (
	"context"
	"errors"
	"strings"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// bootArgsMax is the maximum length of all boot arguments.
const bootArgsMax = zone.BootArgsMax - 1

// bootArguments joins the operands of boot, reboot and shutdown, after a prefix from the
// options.
func (t *Target) bootArguments(v Verb, begin string, operands []string) (string, error) {
	t.verb = v
	text := begin + strings.Join(operands, " ")
	if len(text) > bootArgsMax {
		return "", t.failed(ErrUsage, plain("Boot argument list too long"))
	}
	return text, nil
}

// BootOptions are the options of [Target.Boot].
type BootOptions struct {
	Args   []string // arguments of the zone's init
	Single bool     // -s: single-user mode
	Force  bool     // -f: the zone may be incomplete
}

// Boot makes the zone ready if necessary, starts its init and returns when that has been
// executed. It does nothing if the zone is running.
func (t *Target) Boot(ctx context.Context, o BootOptions) error {
	defer t.forget()
	t.prepare()
	command, begin := zone.CommandBoot, ""
	if o.Force {
		command = zone.CommandForceBoot
	}
	if o.Single {
		begin = "-s"
	}
	args, err := t.bootArguments(VerbBoot, begin, o.Args)
	if err != nil {
		return err
	}
	if err := t.enter(VerbBoot, whichever, o.Force); err != nil {
		return err
	}
	if err := t.verified(ctx, nil); err != nil {
		return err
	}
	return t.request(ctx, command, args, true)
}

// Ready makes the zone ready: it has its file systems, network and resource controls, but
// no user process.
func (t *Target) Ready(ctx context.Context) error {
	defer t.forget()
	t.prepare()
	if err := t.enter(VerbReady, whichever, false); err != nil {
		return err
	}
	if err := t.verified(ctx, nil); err != nil {
		return err
	}
	return t.request(ctx, zone.CommandReady, "", true)
}

// Halt kills all processes of the zone and changes it to installed.
func (t *Target) Halt(ctx context.Context, args ...string) error {
	defer t.forget()
	if err := t.enter(VerbHalt, whichever, false); err != nil {
		return err
	}
	if err := t.hookAllows(ctx, args); err != nil {
		return err
	}
	err := t.request(ctx, zone.CommandHalt, "", false)
	var failed *Error
	var stuck *StateError
	if errors.As(err, &failed) && errors.As(err, &stuck) && (stuck.State == zonecfg.ShuttingDown || stuck.State == zonecfg.Down) {
		failed.Lines = append(failed.Lines, plain("the zone is %s: the subcommand holds says what keeps it there", stuck.State)) // no line of zoneadm(8)
	}
	return err
}

// RebootOptions are the options of [Target.Reboot].
type RebootOptions struct {
	Args []string // arguments of the zone's init
}

// Reboot halts the zone and boots it again.
func (t *Target) Reboot(ctx context.Context, o RebootOptions) error {
	defer t.forget()
	args, err := t.bootArguments(VerbReboot, "", o.Args)
	if err != nil {
		return err
	}
	if err := t.enter(VerbReboot, mustRun, false); err != nil {
		return err
	}
	if err := t.verified(ctx, nil); err != nil {
		return err
	}
	err = t.request(ctx, zone.CommandReboot, args, false)
	var failed *Error
	if !errors.As(err, &failed) || ctx.Err() != nil {
		return err
	}
	t.infos = nil
	if _, active, err := t.stateOf(t.Name); err == nil && !active {
		failed.Lines = append(failed.Lines, plain("the zone has been halted and doesn't run now: boot starts it again"))
	}
	return failed
}

// ShutdownOptions are the options of [Target.Shutdown].
type ShutdownOptions struct {
	Boot bool     // -r: boot the zone again
	Args []string // arguments of the zone's init, with Boot
}

// Shutdown shuts the zone down cleanly, by its init. It returns an error if that takes too
// long; the zone then still runs.
func (t *Target) Shutdown(ctx context.Context, o ShutdownOptions) error {
	defer t.forget()
	args, err := t.bootArguments(VerbShutdown, "", o.Args)
	if err != nil {
		return err
	}
	if err := t.enter(VerbShutdown, mustRun, false); err != nil {
		return err
	}
	if err := t.request(ctx, zone.CommandShutdown, "", false); err != nil || !o.Boot {
		return err
	}
	t.forget()
	if err := t.enter(VerbBoot, whichever, false); err != nil {
		return err
	}
	return t.request(ctx, zone.CommandBoot, args, true)
}

// Mount makes a scratch zone ready, for maintenance of the zone's files. With force the
// zone may be incomplete.
func (t *Target) Mount(ctx context.Context, force bool) error {
	defer t.forget()
	t.prepare()
	command := zone.CommandMount
	if force {
		command = zone.CommandForceMount
	}
	if err := t.enter(VerbMount, whichever, force); err != nil {
		return err
	}
	if err := t.verified(ctx, nil); err != nil {
		return err
	}
	return t.request(ctx, command, "", true)
}

// Unmount halts the scratch zone.
func (t *Target) Unmount(ctx context.Context) error {
	defer t.forget()
	if err := t.enter(VerbUnmount, whichever, false); err != nil {
		return err
	}
	return t.request(ctx, zone.CommandUnmount, "", true)
}

// Sysboot runs the brand's hook for the boot of the host.
func (t *Target) Sysboot(ctx context.Context) error {
	defer t.forget()
	if err := t.enter(VerbSysboot, mustNot, false); err != nil {
		return err
	}
	z, b, err := t.load()
	if err != nil {
		return err
	}
	if failed := t.hook(ctx, b, z, brand.SysBoot, ""); failed != nil {
		err := t.hookFailed(failed)
		err.Status = ExitSysboot
		return err
	}
	return nil
}
