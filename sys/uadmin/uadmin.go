// Package uadmin is illumos' uadmin(2): halting, rebooting and powering off. In a
// zone it acts on the zone. On other systems it fails with ENOTSUP.
package uadmin

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// Cmd is what is to be done.
type Cmd int32

// The commands.
const (
	Reboot   Cmd = abi.A_REBOOT   // A_REBOOT: stop at once
	Shutdown Cmd = abi.A_SHUTDOWN // A_SHUTDOWN: end all processes, unmount, stop
	Freeze   Cmd = abi.A_FREEZE   // A_FREEZE: suspend
	Remount  Cmd = abi.A_REMOUNT  // A_REMOUNT: remount the root file system
	Dump     Cmd = abi.A_DUMP     // A_DUMP: write a crash dump and stop
	SwapCtl  Cmd = abi.A_SWAPCTL  // A_SWAPCTL
	Config   Cmd = abi.A_CONFIG   // A_CONFIG
)

// Fcn is what comes after a command that stops.
type Fcn int32

// What comes after.
const (
	Halt       Fcn = abi.AD_HALT       // AD_HALT
	Boot       Fcn = abi.AD_BOOT       // AD_BOOT: start again
	IBoot      Fcn = abi.AD_IBOOT      // AD_IBOOT: start again and ask
	PowerOff   Fcn = abi.AD_POWEROFF   // AD_POWEROFF
	NoSync     Fcn = abi.AD_NOSYNC     // AD_NOSYNC: don't write what isn't yet
	FastReboot Fcn = abi.AD_FASTREBOOT // AD_FASTREBOOT: without the firmware
)

// Do calls uadmin(2). args are boot arguments for a command that starts again, ""
// for none. It doesn't return from a stop that succeeds. EPERM without the
// privilege sys_config (in a zone sys_admin), EINVAL for a command that is none,
// EBUSY when another stop is under way.
func Do(cmd Cmd, fcn Fcn, args string) error {
	if strings.ContainsRune(args, 0) {
		return fmt.Errorf("uadmin %d %d: %w", cmd, fcn, errno.EINVAL)
	}
	if err := do(cmd, fcn, args); err != nil {
		return fmt.Errorf("uadmin %d %d: %w", cmd, fcn, err)
	}
	return nil
}
