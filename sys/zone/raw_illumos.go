//go:build !cgo

package zone

import (
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

// raw makes the system call zone(2).
//
//go:uintptrescapes
func raw(sub Subcode, a1, a2, a3, a4 uintptr) (int64, errno.Errno) {
	result, number := libc.Syscall(SysZone, uintptr(sub), a1, a2, a3, a4)
	return int64(result), errno.Errno(number)
}

// create calls zone(2) with the structure that the running kernel reads.
func create(d *Def, extended *int32) (int64, errno.Errno) {
	long, e := labelled()
	if e != 0 {
		return -1, e
	}
	privs := d.Privs
	c := &abi.ZoneDef{
		Name: libc.CString(d.Name), Root: libc.CString(d.Root),
		Privs: unsafe.Pointer(&privs), PrivsSz: unsafe.Sizeof(privs),
		Rctls: unsafe.SliceData(d.Rctls), RctlsSz: uintptr(len(d.Rctls)),
		Extended: extended, Flags: d.Flags,
	}
	if d.Datasets != "" {
		c.Zfs, c.ZfsSz = libc.CString(d.Datasets), uintptr(len(d.Datasets)+1)
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	pinDef(&pin, c)
	if long {
		pin.Pin(c)
		return raw(SubCreate, uintptr(unsafe.Pointer(c)), 0, 0, 0)
	}
	s := short(c)
	pin.Pin(s)
	return raw(SubCreate, uintptr(unsafe.Pointer(s)), 0, 0, 0)
}

func pinDef(pin *runtime.Pinner, c *abi.ZoneDef) {
	pin.Pin(c.Name)
	pin.Pin(c.Root)
	pin.Pin((*byte)(c.Privs))
	pin.Pin(c.Rctls) // nil is nothing to pin
	pin.Pin(c.Zfs)
	pin.Pin(c.Extended)
}

func short(c *abi.ZoneDef) *abi.ZoneDefShort {
	return &abi.ZoneDefShort{
		Name: c.Name, Root: c.Root, Privs: c.Privs, PrivsSz: c.PrivsSz, Rctls: c.Rctls, RctlsSz: c.RctlsSz,
		Extended: c.Extended, Zfs: c.Zfs, ZfsSz: c.ZfsSz, Flags: c.Flags,
	}
}

var probed struct {
	sync.Mutex // no other lock is taken under it
	done, long bool
}

// labelled reports whether zone_def has the long layout in the running kernel, with
// the fields for Trusted Extensions. Kernels with either layout report the same
// version. So it probes once, with a create that must fail because its name is empty,
// and passes the short structure at the very end of mapped memory. A kernel that reads
// the long one returns EFAULT before it checks anything. Any other error comes from a
// kernel with the short layout.
func labelled() (bool, errno.Errno) {
	probed.Lock()
	defer probed.Unlock()
	if probed.done {
		return probed.long, 0
	}
	page := unix.Getpagesize()
	pages, err := unix.Mmap(-1, 0, 2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		e, _ := errno.Of(err)
		return false, e
	}
	defer unix.Munmap(pages)
	if err := unix.Mprotect(pages[page:], unix.PROT_NONE); err != nil {
		e, _ := errno.Of(err)
		return false, e
	}
	var privs [3]uint32
	s := (*abi.ZoneDefShort)(unsafe.Pointer(&pages[page-int(unsafe.Sizeof(abi.ZoneDefShort{}))]))
	name, root := libc.CString(""), libc.CString("/")
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(name)
	pin.Pin(root)
	pin.Pin(&privs)
	*s = abi.ZoneDefShort{Name: name, Root: root, Privs: unsafe.Pointer(&privs), PrivsSz: unsafe.Sizeof(privs)}
	_, e := raw(SubCreate, uintptr(unsafe.Pointer(s)), 0, 0, 0)
	probed.done, probed.long = true, e == errno.EFAULT
	return probed.long, 0
}
