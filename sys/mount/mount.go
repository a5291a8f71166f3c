package mount

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// Flags of mount(2).
type Flags int32

// The flags.
const (
	ReadOnly  Flags = abi.MS_RDONLY   // MS_RDONLY
	NoSuid    Flags = abi.MS_NOSUID   // MS_NOSUID: no set-user-id programs, no devices
	Remount   Flags = abi.MS_REMOUNT  // MS_REMOUNT: change the options of what is mounted
	Overlay   Flags = abi.MS_OVERLAY  // MS_OVERLAY: also over a directory in use
	Global    Flags = abi.MS_GLOBAL   // MS_GLOBAL: on all nodes of a cluster
	NoMnttab  Flags = abi.MS_NOMNTTAB // MS_NOMNTTAB: not shown in mnttab(5)
	known           = ReadOnly | NoSuid | Remount | Overlay | Global | NoMnttab
	forceFlag       = abi.MS_FORCE
)

// MaxOptions is the most bytes that an option string may have, without its NUL.
const MaxOptions = abi.MAX_MNTOPT_STR - 1

// Mount mounts special, a directory, device or server path as the type has it, on
// point. It returns the options that took effect, which the system tells; options
// that the type doesn't know are passed over by the system and missing there. data
// is what some types need beside options, in a form of their own; nil for none.
// EPERM without the privilege sys_mount, EBUSY when something is mounted there,
// EINVAL for a flag or options that are none, ENOENT and ENOTDIR for the paths.
func Mount(special, point, fstype string, flags Flags, options string, data []byte) (string, error) {
	fail := func(err error) error {
		return fmt.Errorf("mounting %s (%s) on %s: %w", special, fstype, point, err)
	}
	if bad := flags &^ known; bad != 0 {
		return "", fail(fmt.Errorf("no flag %#x: %w", int32(bad), errno.EINVAL))
	}
	if len(options) > MaxOptions {
		return "", fail(fmt.Errorf("options of %d bytes, %d are possible: %w", len(options), MaxOptions, errno.EINVAL))
	}
	for _, text := range []string{special, point, fstype, options} {
		if strings.ContainsRune(text, 0) {
			return "", fail(errno.EINVAL)
		}
	}
	effective, err := mount(special, point, fstype, flags, options, data)
	if err != nil {
		return "", fail(err)
	}
	return effective, nil
}

// Unmount takes a file system off (umount2(2)); with force also one in use, whose
// users then get EIO. EBUSY, EINVAL when nothing is mounted there.
func Unmount(point string, force bool) error {
	var flags int32
	if force {
		flags = forceFlag
	}
	if err := unmount(point, flags); err != nil {
		return fmt.Errorf("unmounting %s: %w", point, err)
	}
	return nil
}
