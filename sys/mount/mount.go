package mount

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// Flags of mount(2).
type Flags int32

// The flags.
const (
	ReadOnly Flags = abi.MS_RDONLY   // MS_RDONLY: no writes
	NoSuid   Flags = abi.MS_NOSUID   // MS_NOSUID: no set-user-id programs, no devices
	Remount  Flags = abi.MS_REMOUNT  // MS_REMOUNT: change the options of a mounted file system
	Overlay  Flags = abi.MS_OVERLAY  // MS_OVERLAY: also on a busy directory or an existing mount point
	Global   Flags = abi.MS_GLOBAL   // MS_GLOBAL: on all nodes of a cluster
	NoMnttab Flags = abi.MS_NOMNTTAB // MS_NOMNTTAB: not shown in mnttab(5)
)

const (
	known     = ReadOnly | NoSuid | Remount | Overlay | Global | NoMnttab
	forceFlag = abi.MS_FORCE
)

// MaxOptions is the longest option string in bytes, without its NUL.
const MaxOptions = abi.MAX_MNTOPT_STR - 1

// Mount mounts special on the directory point (mount(2)). What special is depends on
// the file system type: a directory for lofs, a device for ufs, a dataset for zfs.
// data is an argument that some types take in addition to the options, in a format of
// their own; nil for none.
//
// It returns the options in effect, as the system reports them. The system ignores
// options that the type doesn't know; they are missing in the result.
//
// EPERM without the privilege sys_mount; EBUSY when point is busy or a mount point;
// EINVAL for an unknown flag, an option string longer than [MaxOptions], or a NUL;
// ENOENT and ENOTDIR for the paths; ENOTSUP on other systems.
func Mount(special, point, fstype string, flags Flags, options string, data []byte) (string, error) {
	fail := func(err error) error {
		return fmt.Errorf("mounting %s (%s) on %s: %w", special, fstype, point, err)
	}
	if bad := flags &^ known; bad != 0 {
		return "", fail(fmt.Errorf("unknown flag %#x: %w", int32(bad), errno.EINVAL))
	}
	if len(options) > MaxOptions {
		return "", fail(fmt.Errorf("%d bytes of options, at most %d are allowed: %w", len(options), MaxOptions, errno.EINVAL))
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

// Unmount unmounts the file system mounted on point (umount2(2)). With force also one
// in use, whose users then get EIO. EBUSY when it is in use, EINVAL when nothing is
// mounted there, EPERM without the privilege sys_mount, ENOTSUP on other systems.
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

// ReleaseAutofs unmounts the trigger nodes of autofs in a zone, which umount2(2) refuses
// (AUTOFS_UNMOUNTALL). It does nothing if the system has no autofs. ENOTSUP on systems other
// than illumos.
func ReleaseAutofs(zone int32) error {
	if err := releaseAutofs(zone); err != nil && !errors.Is(err, errno.ENOSYS) {
		return fmt.Errorf("autofs nodes of zone %d: %w", zone, err)
	}
	return nil
}
