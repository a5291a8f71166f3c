//go:build cgo

package zone

/*
#include <sys/types.h>
#include <sys/syscall.h>
#include <sys/priv.h>
#include <sys/zone.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zone.h>

// The zone_def of the system's headers, whichever layout they have. The parameters of
// libc's function depend on the layout.
static int
zones_create(const char *name, const char *root, const void *privs, size_t privssz, const char *rctls, size_t rctlssz,
    const char *zfs, size_t zfssz, int flags, int *extended)
{
	zone_def d;

	(void) memset(&d, 0, sizeof (d));
	d.zone_name = name;
	d.zone_root = root;
	d.zone_privs = privs;
	d.zone_privssz = privssz;
	d.rctlbuf = rctls;
	d.rctlbufsz = rctlssz;
	d.zfsbuf = zfs;
	d.zfsbufsz = zfssz;
	d.flags = flags;
	d.extended_error = extended;
	return (syscall(SYS_zone, ZONE_CREATE, &d));
}

// Addresses are passed as numbers: Go keeps the memory in place, and cgo would check
// it for pointers that may not be passed.
static ssize_t
zones_getattr(zoneid_t id, int attr, uintptr_t buf, size_t size)
{
	return (zone_getattr(id, attr, (void *)buf, size));
}

static int
zones_setattr(zoneid_t id, int attr, uintptr_t buf, size_t size)
{
	return (zone_setattr(id, attr, (void *)buf, size));
}

static int
zones_list(uintptr_t ids, uintptr_t count)
{
	return (zone_list((zoneid_t *)ids, (uint_t *)count));
}

static zoneid_t
zones_lookup(uintptr_t name)
{
	return (name == 0 ? getzoneid() : getzoneidbyname((const char *)name));
}

static int
zones_version(uintptr_t version)
{
	return (zone_version((int *)version));
}

static int
zones_check_datalink(uintptr_t id, datalink_id_t link)
{
	return (zone_check_datalink((zoneid_t *)id, link));
}

static int
zones_list_datalink(zoneid_t id, uintptr_t count, uintptr_t links)
{
	return (zone_list_datalink(id, (int *)count, (datalink_id_t *)links));
}
*/
import "C"

import (
	"syscall"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
)

// answer returns a call's result and, if that is -1, its error.
func answer(result int64, err error) (int64, errno.Errno) {
	if result != -1 {
		return result, 0
	}
	number, _ := err.(syscall.Errno)
	return -1, errno.Errno(number)
}

// raw calls libc's function for a subcode of zone(2).
//
//go:uintptrescapes
func raw(sub Subcode, a1, a2, a3, a4 uintptr) (int64, errno.Errno) {
	id := C.zoneid_t(a1)
	switch sub {
	case SubBoot:
		r, err := C.zone_boot(id)
		return answer(int64(r), err)
	case SubShutdown:
		r, err := C.zone_shutdown(id)
		return answer(int64(r), err)
	case SubDestroy:
		r, err := C.zone_destroy(id)
		return answer(int64(r), err)
	case SubEnter:
		r, err := C.zone_enter(id)
		return answer(int64(r), err)
	case SubGetattr:
		r, err := C.zones_getattr(id, C.int(a2), C.uintptr_t(a3), C.size_t(a4))
		return answer(int64(r), err)
	case SubSetattr:
		r, err := C.zones_setattr(id, C.int(a2), C.uintptr_t(a3), C.size_t(a4))
		return answer(int64(r), err)
	case SubList:
		r, err := C.zones_list(C.uintptr_t(a1), C.uintptr_t(a2))
		return answer(int64(r), err)
	case SubLookup:
		r, err := C.zones_lookup(C.uintptr_t(a1))
		return answer(int64(r), err)
	case SubVersion:
		r, err := C.zones_version(C.uintptr_t(a1))
		return answer(int64(r), err)
	case SubAddDatalink:
		r, err := C.zone_add_datalink(id, C.datalink_id_t(a2))
		return answer(int64(r), err)
	case SubDelDatalink:
		r, err := C.zone_remove_datalink(id, C.datalink_id_t(a2))
		return answer(int64(r), err)
	case SubCheckDatalink:
		r, err := C.zones_check_datalink(C.uintptr_t(a1), C.datalink_id_t(a2))
		return answer(int64(r), err)
	case SubListDatalink:
		r, err := C.zones_list_datalink(id, C.uintptr_t(a2), C.uintptr_t(a3))
		return answer(int64(r), err)
	}
	return -1, errno.EINVAL
}

// create makes a zone with the structure of the system's headers.
func create(d *Def, extended *int32) (int64, errno.Errno) {
	name, root := append([]byte(d.Name), 0), append([]byte(d.Root), 0)
	privs := d.Privs
	var datasets []byte
	if d.Datasets != "" {
		datasets = append([]byte(d.Datasets), 0)
	}
	var e C.int
	r, err := C.zones_create(
		(*C.char)(unsafe.Pointer(&name[0])), (*C.char)(unsafe.Pointer(&root[0])),
		unsafe.Pointer(&privs), C.size_t(unsafe.Sizeof(privs)),
		(*C.char)(unsafe.Pointer(unsafe.SliceData(d.Rctls))), C.size_t(len(d.Rctls)),
		(*C.char)(unsafe.Pointer(unsafe.SliceData(datasets))), C.size_t(len(datasets)),
		C.int(d.Flags), &e)
	*extended = int32(e)
	return answer(int64(r), err)
}
