// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"unsafe"
)

//go:cgo_import_dynamic libc_sysevent_evc_bind sysevent_evc_bind "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_evc_unbind sysevent_evc_unbind "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_evc_subscribe sysevent_evc_subscribe "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_evc_unsubscribe sysevent_evc_unsubscribe "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_get_size sysevent_get_size "libsysevent.so.1"

//go:linkname procSyseventEvcBind libc_sysevent_evc_bind
//go:linkname procSyseventEvcUnbind libc_sysevent_evc_unbind
//go:linkname procSyseventEvcSubscribe libc_sysevent_evc_subscribe
//go:linkname procSyseventEvcUnsubscribe libc_sysevent_evc_unsubscribe
//go:linkname procSyseventGetSize libc_sysevent_get_size

var (
	procSyseventEvcBind        uintptr
	procSyseventEvcUnbind      uintptr
	procSyseventEvcSubscribe   uintptr
	procSyseventEvcUnsubscribe uintptr
	procSyseventGetSize        uintptr
)

// SyseventEvcBind is int sysevent_evc_bind(const char *channel, evchan_t **handle, uint32_t flags).
//
//go:uintptrescapes
func SyseventEvcBind(channel, handle, flags uintptr) uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procSyseventEvcBind)), 3, channel, handle, flags, 0, 0, 0)
	return result
}

// SyseventEvcUnbind is int sysevent_evc_unbind(evchan_t *handle).
//
//go:uintptrescapes
func SyseventEvcUnbind(handle uintptr) uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procSyseventEvcUnbind)), 1, handle, 0, 0, 0, 0, 0)
	return result
}

// SyseventEvcSubscribe is int sysevent_evc_subscribe(evchan_t *handle, const char *id, const char *class, int (*handler)(sysevent_t *event, void *cookie), void *cookie, uint32_t flags).
//
//go:uintptrescapes
func SyseventEvcSubscribe(handle, id, class, handler, cookie, flags uintptr) uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procSyseventEvcSubscribe)), 6, handle, id, class, handler, cookie, flags)
	return result
}

// SyseventEvcUnsubscribe is int sysevent_evc_unsubscribe(evchan_t *handle, const char *id).
//
//go:uintptrescapes
func SyseventEvcUnsubscribe(handle, id uintptr) uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procSyseventEvcUnsubscribe)), 2, handle, id, 0, 0, 0, 0)
	return result
}

// AddressSyseventGetSize returns the address of size_t sysevent_get_size(sysevent_t *event).
func AddressSyseventGetSize() uintptr { return uintptr(unsafe.Pointer(&procSyseventGetSize)) }
