package devfs

import (
	"encoding/binary"
	"runtime"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
	"github.com/gozones/zones/sys/mount"
)

// mountDev passes the directory of the attributes as the file system's own argument, which is
// the address of its name (struct sdev_mountargs). The kernel doesn't read it from the options.
func mountDev(point, attrdir, options string) (string, error) {
	if attrdir == "" {
		return mount.Mount("/dev", point, "dev", 0, options, nil)
	}
	name := libc.CString(attrdir)
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(name)
	args := binary.LittleEndian.AppendUint64(nil, uint64(uintptr(unsafe.Pointer(name))))
	return mount.Mount("/dev", point, "dev", 0, options, args)
}

func commit(packed []byte) error {
	_, e := libc.Syscall(abi.SYS_modctl, abi.MODDEVNAME, abi.MODDEVNAME_PROFILE, uintptr(unsafe.Pointer(unsafe.SliceData(packed))), uintptr(len(packed)), 0)
	if e != 0 {
		return errno.Errno(e)
	}
	return nil
}
