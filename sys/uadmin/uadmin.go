// Package uadmin halts, reboots and powers off illumos systems (uadmin(2)). In a zone
// that applies to the zone. On other systems it fails with ENOTSUP.
package uadmin

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// Cmd is a command of uadmin(2).
type Cmd int32

// The commands. Reboot, Shutdown and Dump stop the system, and Fcn says what follows.
const (
	Reboot   Cmd = abi.A_REBOOT   // A_REBOOT: stop immediately
	Shutdown Cmd = abi.A_SHUTDOWN // A_SHUTDOWN: kill all processes, unmount, stop
	Freeze   Cmd = abi.A_FREEZE   // A_FREEZE: suspend
	Remount  Cmd = abi.A_REMOUNT  // A_REMOUNT: remount the root file system
	Dump     Cmd = abi.A_DUMP     // A_DUMP: write a crash dump and stop
	SwapCtl  Cmd = abi.A_SWAPCTL  // A_SWAPCTL: add or remove swap space
	Config   Cmd = abi.A_CONFIG   // A_CONFIG: change the configuration of devices
)

// Fcn is what the system does after it stopped.
type Fcn int32

// The functions.
const (
	Halt       Fcn = abi.AD_HALT       // AD_HALT: halt
	Boot       Fcn = abi.AD_BOOT       // AD_BOOT: boot
	IBoot      Fcn = abi.AD_IBOOT      // AD_IBOOT: boot interactively
	PowerOff   Fcn = abi.AD_POWEROFF   // AD_POWEROFF: power off
	NoSync     Fcn = abi.AD_NOSYNC     // AD_NOSYNC: without writing file systems back
	FastReboot Fcn = abi.AD_FASTREBOOT // AD_FASTREBOOT: boot without going through the firmware
)

// Do calls uadmin(2). args are the boot arguments for a reboot, "" for none. It doesn't
// return when it stops the system. EPERM without the privilege sys_config (in a zone
// sys_admin), EINVAL for an unknown command or args with a NUL, EBUSY when the system is
// already stopping.
func Do(cmd Cmd, fcn Fcn, args string) error {
	if strings.ContainsRune(args, 0) {
		return fmt.Errorf("uadmin %d %d: %w", cmd, fcn, errno.EINVAL)
	}
	if err := do(cmd, fcn, args); err != nil {
		return fmt.Errorf("uadmin %d %d: %w", cmd, fcn, err)
	}
	return nil
}
