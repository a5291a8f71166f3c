package zone

import (
	"runtime"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/libc"
)

var _ System = Native{}

// Native is the system call of the running illumos kernel. The zero value is
// ready. Its methods are those of the interface; each is one zone(2).
type Native struct{}

func cString(s string) *byte { return &append([]byte(s), 0)[0] }

func pointer[T any](s []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s)) }

// call makes zone(2) with arguments that aren't addresses of Go memory.
func call(sub Subcode, args ...uintptr) (int64, errno.Errno) {
	result, number := libc.Syscall(SysZone, append([]uintptr{uintptr(sub)}, args...)...)
	return int64(result), errno.Errno(number)
}

func onZone(op string, id ID, e errno.Errno) error {
	if e == 0 {
		return nil
	}
	return &Error{Op: op, ID: id, Errno: e}
}

// Create makes a zone (ZONE_CREATE).
func (Native) Create(d *Def) (ID, error) {
	privs := d.Privs
	var extended int32
	c := &def{
		name: cString(d.Name), root: cString(d.Root),
		privs: &privs[0], privsSize: unsafe.Sizeof(privs),
		rctls: unsafe.SliceData(d.Rctls), rctlsSize: uintptr(len(d.Rctls)),
		extended: &extended,
		match:    d.Flags, flags: d.Flags,
	}
	if d.Datasets != "" {
		c.datasets, c.datasetsSize = cString(d.Datasets), uintptr(len(d.Datasets)+1)
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	for _, p := range []any{c, c.name, c.root, c.privs, c.extended} {
		pin.Pin(p)
	}
	if c.rctls != nil {
		pin.Pin(c.rctls)
	}
	if c.datasets != nil {
		pin.Pin(c.datasets)
	}
	result, number := libc.Syscall(SysZone, uintptr(SubCreate), uintptr(unsafe.Pointer(c)))
	if number != 0 {
		return -1, &Error{Op: "zone_create", Name: d.Name, Errno: errno.Errno(number), Ext: ExtendedError(extended)}
	}
	return ID(int32(result)), nil
}

// Boot starts a zone's init (ZONE_BOOT).
func (Native) Boot(id ID) error {
	_, e := call(SubBoot, uintptr(id))
	return onZone("zone_boot", id, e)
}

// Shutdown ends everything in a zone (ZONE_SHUTDOWN).
func (Native) Shutdown(id ID) error {
	_, e := call(SubShutdown, uintptr(id))
	return onZone("zone_shutdown", id, e)
}

// Destroy removes a zone (ZONE_DESTROY).
func (Native) Destroy(id ID) error {
	_, e := call(SubDestroy, uintptr(id))
	return onZone("zone_destroy", id, e)
}

// Enter moves the calling process into a zone (ZONE_ENTER).
func (Native) Enter(id ID) error {
	_, e := call(SubEnter, uintptr(id))
	return onZone("zone_enter", id, e)
}

// Getattr copies an attribute (ZONE_GETATTR).
func (Native) Getattr(id ID, attr Attr, buf []byte) (int, error) {
	n, number := libc.Syscall(SysZone, uintptr(SubGetattr), uintptr(id), uintptr(attr), uintptr(pointer(buf)), uintptr(len(buf)))
	if number != 0 {
		return 0, onZone("zone_getattr", id, errno.Errno(number))
	}
	return int(n), nil
}

// Setattr sets one (ZONE_SETATTR).
func (Native) Setattr(id ID, attr Attr, buf []byte) error {
	_, number := libc.Syscall(SysZone, uintptr(SubSetattr), uintptr(id), uintptr(attr), uintptr(pointer(buf)), uintptr(len(buf)))
	return onZone("zone_setattr", id, errno.Errno(number))
}

// List fills ids (ZONE_LIST).
func (Native) List(ids []ID) (int, error) {
	count := uint32(len(ids))
	_, number := libc.Syscall(SysZone, uintptr(SubList), uintptr(pointer(ids)), uintptr(unsafe.Pointer(&count)))
	if number != 0 {
		return 0, &Error{Op: "zone_list", Errno: errno.Errno(number)}
	}
	return int(count), nil
}

// Lookup finds a zone by name, the caller's own with none (ZONE_LOOKUP).
func (Native) Lookup(name string) (ID, error) {
	var text *byte
	if name != "" {
		text = cString(name)
	}
	id, number := libc.Syscall(SysZone, uintptr(SubLookup), uintptr(unsafe.Pointer(text)))
	if number != 0 {
		return -1, &Error{Op: "zone_lookup", Name: name, Errno: errno.Errno(number)}
	}
	return ID(int32(id)), nil
}

// Version returns the version of the interface (ZONE_VERSION).
func (Native) Version() (int, error) {
	var version int32
	_, number := libc.Syscall(SysZone, uintptr(SubVersion), uintptr(unsafe.Pointer(&version)))
	if number != 0 {
		return 0, &Error{Op: "zone_version", Errno: errno.Errno(number)}
	}
	return int(version), nil
}

// AddDatalink gives a zone a link (ZONE_ADD_DATALINK).
func (Native) AddDatalink(id ID, link LinkID) error {
	_, e := call(SubAddDatalink, uintptr(id), uintptr(link))
	return onZone("zone_add_datalink", id, e)
}

// RemoveDatalink takes it away (ZONE_DEL_DATALINK).
func (Native) RemoveDatalink(id ID, link LinkID) error {
	_, e := call(SubDelDatalink, uintptr(id), uintptr(link))
	return onZone("zone_remove_datalink", id, e)
}

// CheckDatalink asks who has a link (ZONE_CHECK_DATALINK). The kernel returns the
// error of a bad pointer as the result, which can't come up here.
func (Native) CheckDatalink(id ID, link LinkID) (ID, error) {
	owner := int32(id)
	_, number := libc.Syscall(SysZone, uintptr(SubCheckDatalink), uintptr(unsafe.Pointer(&owner)), uintptr(link))
	return ID(owner), onZone("zone_check_datalink", id, errno.Errno(number))
}

// ListDatalinks fills links (ZONE_LIST_DATALINK).
func (Native) ListDatalinks(id ID, links []LinkID) (int, error) {
	count := int32(len(links))
	_, number := libc.Syscall(SysZone, uintptr(SubListDatalink), uintptr(id), uintptr(unsafe.Pointer(&count)), uintptr(pointer(links)))
	if number != 0 {
		return 0, onZone("zone_list_datalink", id, errno.Errno(number))
	}
	return int(count), nil
}
