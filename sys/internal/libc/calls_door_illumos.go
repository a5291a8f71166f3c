// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_door_call door_call "libc.so"
//go:cgo_import_dynamic libc_door_info door_info "libc.so"
//go:cgo_import_dynamic libc_door_create door_create "libc.so"
//go:cgo_import_dynamic libc_door_revoke door_revoke "libc.so"
//go:cgo_import_dynamic libc_door_getparam door_getparam "libc.so"
//go:cgo_import_dynamic libc_door_return door_return "libc.so"
//go:cgo_import_dynamic libc_door_ucred door_ucred "libc.so"
//go:cgo_import_dynamic libc_fattach fattach "libc.so"
//go:cgo_import_dynamic libc_fdetach fdetach "libc.so"
//go:cgo_import_dynamic libc_ucred_get ucred_get "libc.so"
//go:cgo_import_dynamic libc_ucred_getpid ucred_getpid "libc.so"
//go:cgo_import_dynamic libc_ucred_geteuid ucred_geteuid "libc.so"
//go:cgo_import_dynamic libc_ucred_getegid ucred_getegid "libc.so"
//go:cgo_import_dynamic libc_ucred_getzoneid ucred_getzoneid "libc.so"
//go:cgo_import_dynamic libc_ucred_getprivset ucred_getprivset "libc.so"
//go:cgo_import_dynamic libc_ucred_free ucred_free "libc.so"

//go:linkname procDoorCall libc_door_call
//go:linkname procDoorInfo libc_door_info
//go:linkname procDoorCreate libc_door_create
//go:linkname procDoorRevoke libc_door_revoke
//go:linkname procDoorGetparam libc_door_getparam
//go:linkname procDoorReturn libc_door_return
//go:linkname procDoorUcred libc_door_ucred
//go:linkname procFattach libc_fattach
//go:linkname procFdetach libc_fdetach
//go:linkname procUcredGet libc_ucred_get
//go:linkname procUcredGetpid libc_ucred_getpid
//go:linkname procUcredGeteuid libc_ucred_geteuid
//go:linkname procUcredGetegid libc_ucred_getegid
//go:linkname procUcredGetzoneid libc_ucred_getzoneid
//go:linkname procUcredGetprivset libc_ucred_getprivset
//go:linkname procUcredFree libc_ucred_free

var (
	procDoorCall        uintptr
	procDoorInfo        uintptr
	procDoorCreate      uintptr
	procDoorRevoke      uintptr
	procDoorGetparam    uintptr
	procDoorReturn      uintptr
	procDoorUcred       uintptr
	procFattach         uintptr
	procFdetach         uintptr
	procUcredGet        uintptr
	procUcredGetpid     uintptr
	procUcredGeteuid    uintptr
	procUcredGetegid    uintptr
	procUcredGetzoneid  uintptr
	procUcredGetprivset uintptr
	procUcredFree       uintptr
)

// DoorCall is int door_call(int d, door_arg_t *params).
//
//go:uintptrescapes
func DoorCall(d, params uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorCall)), 2, d, params, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// DoorInfo is int door_info(int d, struct door_info *info).
//
//go:uintptrescapes
func DoorInfo(d, info uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorInfo)), 2, d, info, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// DoorCreate is int door_create(void (*procedure)(void *cookie, char *data, size_t size, door_desc_t *descriptors, uint_t count), void *cookie, uint_t attributes).
//
//go:uintptrescapes
func DoorCreate(procedure, cookie, attributes uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorCreate)), 3, procedure, cookie, attributes, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// DoorRevoke is int door_revoke(int d).
//
//go:uintptrescapes
func DoorRevoke(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorRevoke)), 1, d, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// DoorGetparam is int door_getparam(int d, int param, size_t *value).
//
//go:uintptrescapes
func DoorGetparam(d, param, value uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorGetparam)), 3, d, param, value, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// AddressDoorReturn returns the address of int door_return(char *data, size_t size, door_desc_t *descriptors, uint_t count).
func AddressDoorReturn() uintptr { return uintptr(unsafe.Pointer(&procDoorReturn)) }

// AddressDoorUcred returns the address of int door_ucred(ucred_t **info).
func AddressDoorUcred() uintptr { return uintptr(unsafe.Pointer(&procDoorUcred)) }

// Fattach is int fattach(int d, const char *path).
//
//go:uintptrescapes
func Fattach(d, path uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procFattach)), 2, d, path, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Fdetach is int fdetach(const char *path).
//
//go:uintptrescapes
func Fdetach(path uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procFdetach)), 1, path, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// UcredGet is ucred_t *ucred_get(pid_t pid).
//
//go:uintptrescapes
func UcredGet(pid uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUcredGet)), 1, pid, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// UcredGetpid is pid_t ucred_getpid(const ucred_t *uc).
//
//go:uintptrescapes
func UcredGetpid(uc uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUcredGetpid)), 1, uc, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// UcredGeteuid is uid_t ucred_geteuid(const ucred_t *uc).
//
//go:uintptrescapes
func UcredGeteuid(uc uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUcredGeteuid)), 1, uc, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// UcredGetegid is gid_t ucred_getegid(const ucred_t *uc).
//
//go:uintptrescapes
func UcredGetegid(uc uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUcredGetegid)), 1, uc, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// UcredGetzoneid is zoneid_t ucred_getzoneid(const ucred_t *uc).
//
//go:uintptrescapes
func UcredGetzoneid(uc uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUcredGetzoneid)), 1, uc, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// UcredGetprivset is const priv_set_t *ucred_getprivset(const ucred_t *uc, const char *which).
//
//go:uintptrescapes
func UcredGetprivset(uc, which uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUcredGetprivset)), 2, uc, which, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// UcredFree is void ucred_free(ucred_t *uc).
//
//go:uintptrescapes
func UcredFree(uc uintptr) uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procUcredFree)), 1, uc, 0, 0, 0, 0, 0)
	return result
}
