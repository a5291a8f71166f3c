package mount

import (
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

func mount(special, point, fstype string, flags Flags, options string, data []byte) (string, error) {
	room := make([]byte, abi.MAX_MNTOPT_STR) // the system replaces it with the options in effect
	copy(room, options)
	_, e := libc.Mount(
		uintptr(unsafe.Pointer(libc.CString(special))), uintptr(unsafe.Pointer(libc.CString(point))),
		uintptr(flags)|abi.MS_DATA|abi.MS_OPTIONSTR,
		uintptr(unsafe.Pointer(libc.CString(fstype))),
		uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(len(data)),
		uintptr(unsafe.Pointer(&room[0])), uintptr(len(room)))
	if e != 0 {
		return "", errno.Errno(e)
	}
	return libc.Text(uintptr(unsafe.Pointer(&room[0]))), nil
}

func unmount(point string, flags int32) error {
	if _, e := libc.Umount2(uintptr(unsafe.Pointer(libc.CString(point))), uintptr(flags)); e != 0 {
		return errno.Errno(e)
	}
	return nil
}

func releaseAutofs(zone int32) error {
	if _, e := libc.Syscall(abi.SYS_autofssys, abi.AUTOFS_UNMOUNTALL, uintptr(zone), 0, 0, 0); e != 0 {
		return errno.Errno(e)
	}
	return nil
}
