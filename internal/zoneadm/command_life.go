package zoneadm

import (
	"context"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
)

func (t *Tool) boot(args []string) int {
	if err := t.on.begin(VerbBoot); err != nil {
		return t.report(err)
	}
	options, operands, status, ok := t.letters(VerbBoot, args, "fs")
	if !ok {
		return status
	}
	return t.report(t.on.Boot(context.Background(), BootOptions{
		Args: operands, Single: has(options, 's'), Force: has(options, 'f')}))
}

func (t *Tool) ready(args []string) int {
	if err := t.on.begin(VerbReady); err != nil {
		return t.report(err)
	}
	if status, ok := t.alone(VerbReady, args); !ok {
		return status
	}
	return t.report(t.on.Ready(context.Background()))
}

func (t *Tool) halt(args []string) int {
	if err := t.on.begin(VerbHalt); err != nil {
		return t.report(err)
	}
	if status, ok := t.alone(VerbHalt, args); !ok {
		return status
	}
	return t.report(t.on.Halt(context.Background(), args...))
}

func (t *Tool) reboot(args []string) int {
	if err := t.on.begin(VerbReboot); err != nil {
		return t.report(err)
	}
	_, operands, status, ok := t.letters(VerbReboot, args, "")
	if !ok {
		return status
	}
	return t.report(t.on.Reboot(context.Background(), RebootOptions{Args: operands}))
}

func (t *Tool) shutdown(args []string) int {
	if err := t.on.begin(VerbShutdown); err != nil {
		return t.report(err)
	}
	options, operands, status, ok := t.letters(VerbShutdown, args, "r")
	if !ok {
		return status
	}
	return t.report(t.on.Shutdown(context.Background(), ShutdownOptions{Boot: has(options, 'r'), Args: operands}))
}

func (t *Tool) verify(args []string) int {
	if status, ok := t.alone(VerbVerify, args); !ok {
		return status
	}
	return t.report(t.on.Verify(context.Background()))
}

func (t *Tool) mount(args []string) int {
	options, operands := getopt.Parse(args, "f", t.complain)
	if has(options, '?') || len(operands) > 0 {
		return ExitUsage
	}
	return t.report(t.on.Mount(context.Background(), has(options, 'f')))
}

func (t *Tool) unmount(args []string) int {
	if len(args) > 0 {
		return ExitUsage
	}
	return t.report(t.on.Unmount(context.Background()))
}

func (t *Tool) sysboot(args []string) int {
	if t.Alternate != "" {
		t.usage(t.Err, false)
		return ExitUsage
	}
	return t.report(t.on.Sysboot(context.Background()))
}

// apply prints the usage if it isn't called for the global zone or without privilege.
func (t *Tool) apply(args []string) int {
	if t.on.Name != zone.GlobalName || !t.Caller.Global || t.Alternate != "" || len(args) > 0 {
		t.usage(t.Err, false)
		return ExitUsage
	}
	if !t.Caller.Privileged {
		t.usage(t.Err, false)
		return ExitFailed
	}
	return t.report(t.on.Apply(context.Background()))
}
