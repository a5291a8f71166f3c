package zone

import (
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/libc"
)

var _ System = Native{}

// Native makes the system calls of the running illumos kernel. The zero value is ready
// to use. Each method of System is one zone(2).
type Native struct{}

func pointer[T any](s []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s)) }

func onZone(op string, id ID, e errno.Errno) error {
	if e == 0 {
		return nil
	}
	return &Error{Op: op, ID: id, Errno: e}
}

// Create makes a zone (ZONE_CREATE).
func (Native) Create(d *Def) (ID, error) {
	var extended int32
	result, e := createDone(d, &extended)
	if e != 0 {
		return -1, &Error{Op: "zone_create", Name: d.Name, Errno: e, Ext: ExtendedError(extended)}
	}
	return ID(int32(result)), nil
}

// Boot starts a zone's init (ZONE_BOOT). The zone boots even if the call is interrupted.
func (n Native) Boot(id ID) error {
	_, e := unsignalled(func() (int64, errno.Errno) { return raw(SubBoot, uintptr(id), 0, 0, 0) })
	if e == errno.EINTR {
		e = ErrnoOf(awaitBoot(n, id))
	}
	return onZone("zone_boot", id, e)
}

// Shutdown kills everything in a zone (ZONE_SHUTDOWN).
func (Native) Shutdown(id ID) error {
	_, e := untilDone(SubShutdown, id)
	return onZone("zone_shutdown", id, e)
}

// Destroy removes a zone (ZONE_DESTROY). A zone that is gone after an interruption has been
// destroyed.
func (Native) Destroy(id ID) error {
	interrupted, e := untilDone(SubDestroy, id)
	if interrupted && e == errno.EINVAL {
		e = 0
	}
	return onZone("zone_destroy", id, e)
}

// Enter moves the calling process into a zone (ZONE_ENTER).
func (Native) Enter(id ID) error {
	_, e := untilDone(SubEnter, id)
	return onZone("zone_enter", id, e)
}

// Getattr copies an attribute (ZONE_GETATTR). The pool's id is behind a lock, so that the wait
// for it can be interrupted.
func (Native) Getattr(id ID, attr Attr, buf []byte) (int, error) {
	n, number := raw(SubGetattr, uintptr(id), uintptr(attr), uintptr(pointer(buf)), uintptr(len(buf)))
	for number == errno.EINTR {
		n, number = raw(SubGetattr, uintptr(id), uintptr(attr), uintptr(pointer(buf)), uintptr(len(buf)))
	}
	if number != 0 {
		return 0, onZone("zone_getattr", id, number)
	}
	return int(n), nil
}

// Setattr sets an attribute (ZONE_SETATTR).
func (Native) Setattr(id ID, attr Attr, buf []byte) error {
	_, number := raw(SubSetattr, uintptr(id), uintptr(attr), uintptr(pointer(buf)), uintptr(len(buf)))
	return onZone("zone_setattr", id, number)
}

// List returns the zone ids (ZONE_LIST).
func (Native) List(ids []ID) (int, error) {
	count := uint32(len(ids))
	_, number := raw(SubList, uintptr(pointer(ids)), uintptr(unsafe.Pointer(&count)), 0, 0)
	if number != 0 {
		return 0, &Error{Op: "zone_list", Errno: number}
	}
	return int(count), nil
}

// Lookup finds a zone by name, or the caller's own with an empty name (ZONE_LOOKUP).
func (Native) Lookup(name string) (ID, error) {
	var text *byte
	if name != "" {
		text = libc.CString(name)
	}
	id, number := raw(SubLookup, uintptr(unsafe.Pointer(text)), 0, 0, 0)
	if number != 0 {
		return -1, &Error{Op: "zone_lookup", Name: name, Errno: number}
	}
	return ID(int32(id)), nil
}

// Version returns the version of the interface (ZONE_VERSION).
func (Native) Version() (int, error) {
	var version int32
	_, number := raw(SubVersion, uintptr(unsafe.Pointer(&version)), 0, 0, 0)
	if number != 0 {
		return 0, &Error{Op: "zone_version", Errno: number}
	}
	return int(version), nil
}

// AddDatalink assigns a link to a zone (ZONE_ADD_DATALINK).
func (Native) AddDatalink(id ID, link LinkID) error {
	_, e := raw(SubAddDatalink, uintptr(id), uintptr(link), 0, 0)
	return onZone("zone_add_datalink", id, e)
}

// RemoveDatalink removes a link from a zone (ZONE_DEL_DATALINK).
func (Native) RemoveDatalink(id ID, link LinkID) error {
	_, e := raw(SubDelDatalink, uintptr(id), uintptr(link), 0, 0)
	return onZone("zone_remove_datalink", id, e)
}

// CheckDatalink returns the zone that has a link (ZONE_CHECK_DATALINK). The kernel
// returns the error of a bad pointer as the result, which can't occur here.
func (Native) CheckDatalink(id ID, link LinkID) (ID, error) {
	owner := int32(id)
	_, number := raw(SubCheckDatalink, uintptr(unsafe.Pointer(&owner)), uintptr(link), 0, 0)
	return ID(owner), onZone("zone_check_datalink", id, number)
}

// ListDatalinks returns the links of a zone (ZONE_LIST_DATALINK).
func (Native) ListDatalinks(id ID, links []LinkID) (int, error) {
	count := int32(len(links))
	_, number := raw(SubListDatalink, uintptr(id), uintptr(unsafe.Pointer(&count)), uintptr(pointer(links)), 0)
	if number != 0 {
		return 0, onZone("zone_list_datalink", id, number)
	}
	return int(count), nil
}
