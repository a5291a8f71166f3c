package zoneadm

import (
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
)

// bootArgsMax is the most that boot arguments may be together.
const bootArgsMax = zone.BootArgsMax - 1

// bootArguments joins the operands of boot, reboot and shutdown behind what the
// options made of them.
func (t *Tool) bootArguments(begin string, operands []string) (string, bool) {
	text := begin + strings.Join(operands, " ")
	if len(text) > bootArgsMax {
		t.say("Boot argument list too long")
		return "", false
	}
	return text, true
}

// called tells a request's outcome by the exit status, with a line about it where
// the system's command prints one.
func (t *Tool) called(done, complain bool) int {
	if done {
		return ExitOK
	}
	if complain {
		t.say("call to %s failed", "zoneadmd")
	}
	return ExitFailed
}

func (t *Tool) boot(args []string) int {
	if t.otherRoot("boot") {
		return ExitFailed
	}
	options, operands, status, ok := t.simple("boot", args, "fs")
	if !ok {
		return status
	}
	command, begin := zone.CommandBoot, ""
	for _, o := range options {
		switch o.Letter {
		case 'f':
			command = zone.CommandForceBoot
		case 's':
			begin = "-s"
		}
	}
	text, ok := t.bootArguments(begin, operands)
	if !ok || !t.gate("boot", whichever, command == zone.CommandForceBoot) || !t.verified("boot", nil) {
		return ExitFailed
	}
	return t.called(t.request(command, text), true)
}

func (t *Tool) ready(args []string) int {
	if t.otherRoot("ready") {
		return ExitFailed
	}
	_, operands, status, ok := t.simple("ready", args, "")
	if !ok {
		return status
	}
	if len(operands) > 0 {
		t.usageOf("ready")
		return ExitUsage
	}
	if !t.gate("ready", whichever, false) || !t.verified("ready", nil) {
		return ExitFailed
	}
	return t.called(t.request(zone.CommandReady, ""), true)
}

func (t *Tool) halt(args []string) int {
	if t.otherRoot("halt") {
		return ExitFailed
	}
	_, operands, status, ok := t.simple("halt", args, "")
	if !ok {
		return status
	}
	if len(operands) > 0 {
		t.usageOf("halt")
		return ExitUsage
	}
	if !t.gate("halt", whichever, false) || !t.hookAllows("halt", args) {
		return ExitFailed
	}
	return t.called(t.request(zone.CommandHalt, ""), false)
}

func (t *Tool) reboot(args []string) int {
	if t.otherRoot("reboot") {
		return ExitFailed
	}
	_, operands, status, ok := t.simple("reboot", args, "")
	if !ok {
		return status
	}
	text, ok := t.bootArguments("", operands)
	if !ok || !t.gate("reboot", mustRun, false) || !t.verified("reboot", nil) {
		return ExitFailed
	}
	return t.called(t.request(zone.CommandReboot, text), false)
}

func (t *Tool) shutdown(args []string) int {
	if t.otherRoot("shutdown") {
		return ExitFailed
	}
	options, operands, status, ok := t.simple("shutdown", args, "r")
	if !ok {
		return status
	}
	text, ok := t.bootArguments("", operands)
	if !ok || !t.gate("shutdown", mustRun, false) {
		return ExitFailed
	}
	if !t.request(zone.CommandShutdown, "") {
		return ExitFailed
	}
	if len(options) == 0 {
		return ExitOK
	}
	if !t.gate("boot", whichever, false) {
		return ExitFailed
	}
	return t.called(t.request(zone.CommandBoot, text), true)
}

// hookAllows runs the brand's own check of a verb that isn't verified otherwise.
func (t *Tool) hookAllows(verb string, args []string) bool {
	z, err := t.Store.Load(t.target)
	if err != nil {
		t.sayOf(verb, err)
		return false
	}
	b, ok := t.brandOf(z, verb)
	return ok && t.verifyAdm(b, z, verb, args)
}

// verified verifies the target for a verb and prints the last line when it failed.
func (t *Tool) verified(verb string, args []string) bool {
	if t.verifyZone(verb, args) {
		return true
	}
	t.raw("%s: zone %s failed to verify", t.Prog, t.target)
	return false
}

func (t *Tool) verify(args []string) int {
	_, operands, status, ok := t.simple("verify", args, "")
	if !ok {
		return status
	}
	if len(operands) > 0 {
		t.usageOf("verify")
		return ExitUsage
	}
	if !t.gate("verify", whichever, false) || !t.verified("verify", nil) {
		return ExitFailed
	}
	return ExitOK
}

// mount and unmount make a scratch zone ready, or take it down.
func (t *Tool) mount(args []string) int {
	options, operands := getopt.Parse(args, "f", t.complain)
	command := zone.CommandMount
	for _, o := range options {
		if o.Letter == '?' {
			return ExitUsage
		}
		command = zone.CommandForceMount
	}
	if len(operands) > 0 {
		return ExitUsage
	}
	if !t.gate("mount", whichever, command == zone.CommandForceMount) || !t.verified("mount", nil) {
		return ExitFailed
	}
	return t.called(t.request(command, ""), true)
}

func (t *Tool) unmount(args []string) int {
	if len(args) > 0 {
		return ExitUsage
	}
	if !t.gate("unmount", whichever, false) {
		return ExitFailed
	}
	return t.called(t.request(zone.CommandUnmount, ""), true)
}
