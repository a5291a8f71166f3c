// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_syscall syscall "libc.so"
//go:cgo_import_dynamic libc_getzoneid getzoneid "libc.so"
//go:cgo_import_dynamic libc_getrctl getrctl "libc.so"
//go:cgo_import_dynamic libc_setrctl setrctl "libc.so"
//go:cgo_import_dynamic libc_rctllist rctllist "libc.so"
//go:cgo_import_dynamic libc_rctlctl rctlctl "libc.so"
//go:cgo_import_dynamic libc_setprojrctl setprojrctl "libc.so"
//go:cgo_import_dynamic libc_issetugid issetugid "libc.so"
//go:cgo_import_dynamic libc_psecflags psecflags "libc.so"
//go:cgo_import_dynamic libc_getppriv getppriv "libc.so"
//go:cgo_import_dynamic libc_setppriv setppriv "libc.so"
//go:cgo_import_dynamic libc_getpflags getpflags "libc.so"
//go:cgo_import_dynamic libc_setpflags setpflags "libc.so"
//go:cgo_import_dynamic libc_door_call door_call "libc.so"
//go:cgo_import_dynamic libc_door_info door_info "libc.so"
//go:cgo_import_dynamic libc_door_create door_create "libc.so"
//go:cgo_import_dynamic libc_door_revoke door_revoke "libc.so"
//go:cgo_import_dynamic libc_door_bind door_bind "libc.so"
//go:cgo_import_dynamic libc_door_unbind door_unbind "libc.so"
//go:cgo_import_dynamic libc_door_getparam door_getparam "libc.so"
//go:cgo_import_dynamic libc_door_setparam door_setparam "libc.so"
//go:cgo_import_dynamic libc_door_return door_return "libc.so"
//go:cgo_import_dynamic libc_door_ucred door_ucred "libc.so"
//go:cgo_import_dynamic libc_fattach fattach "libc.so"
//go:cgo_import_dynamic libc_fdetach fdetach "libc.so"
//go:cgo_import_dynamic libc_ucred_get ucred_get "libc.so"
//go:cgo_import_dynamic libc_ucred_getpid ucred_getpid "libc.so"
//go:cgo_import_dynamic libc_ucred_geteuid ucred_geteuid "libc.so"
//go:cgo_import_dynamic libc_ucred_getegid ucred_getegid "libc.so"
//go:cgo_import_dynamic libc_ucred_getzoneid ucred_getzoneid "libc.so"
//go:cgo_import_dynamic libc_ucred_free ucred_free "libc.so"
//go:cgo_import_dynamic libc_ioctl ioctl "libc.so"
//go:cgo_import_dynamic libc_grantpt grantpt "libc.so"
//go:cgo_import_dynamic libc_unlockpt unlockpt "libc.so"
//go:cgo_import_dynamic libc_ptsname ptsname "libc.so"
//go:cgo_import_dynamic libc_mount mount "libc.so"
//go:cgo_import_dynamic libc_umount2 umount2 "libc.so"
//go:cgo_import_dynamic libc_uadmin uadmin "libc.so"
//go:cgo_import_dynamic libc_makeutx makeutx "libc.so"
//go:cgo_import_dynamic libc_modutx modutx "libc.so"
//go:cgo_import_dynamic libc_setutxent setutxent "libc.so"
//go:cgo_import_dynamic libc_getutxent getutxent "libc.so"
//go:cgo_import_dynamic libc_endutxent endutxent "libc.so"
//go:cgo_import_dynamic libc_sigprocmask sigprocmask "libc.so"
//go:cgo_import_dynamic libc_write write "libc.so"
//go:cgo_import_dynamic libc_sem_init sem_init "libc.so"
//go:cgo_import_dynamic libc_sem_wait sem_wait "libc.so"
//go:cgo_import_dynamic libc_sem_post sem_post "libc.so"
//go:cgo_import_dynamic libc_sysevent_evc_bind sysevent_evc_bind "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_evc_unbind sysevent_evc_unbind "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_evc_subscribe sysevent_evc_subscribe "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_evc_unsubscribe sysevent_evc_unsubscribe "libsysevent.so.1"
//go:cgo_import_dynamic libc_sysevent_get_size sysevent_get_size "libsysevent.so.1"

//go:linkname procSyscall libc_syscall
//go:linkname procGetzoneid libc_getzoneid
//go:linkname procGetrctl libc_getrctl
//go:linkname procSetrctl libc_setrctl
//go:linkname procRctllist libc_rctllist
//go:linkname procRctlctl libc_rctlctl
//go:linkname procSetprojrctl libc_setprojrctl
//go:linkname procIssetugid libc_issetugid
//go:linkname procPsecflags libc_psecflags
//go:linkname procGetppriv libc_getppriv
//go:linkname procSetppriv libc_setppriv
//go:linkname procGetpflags libc_getpflags
//go:linkname procSetpflags libc_setpflags
//go:linkname procDoorCall libc_door_call
//go:linkname procDoorInfo libc_door_info
//go:linkname procDoorCreate libc_door_create
//go:linkname procDoorRevoke libc_door_revoke
//go:linkname procDoorBind libc_door_bind
//go:linkname procDoorUnbind libc_door_unbind
//go:linkname procDoorGetparam libc_door_getparam
//go:linkname procDoorSetparam libc_door_setparam
//go:linkname procDoorReturn libc_door_return
//go:linkname procDoorUcred libc_door_ucred
//go:linkname procFattach libc_fattach
//go:linkname procFdetach libc_fdetach
//go:linkname procUcredGet libc_ucred_get
//go:linkname procUcredGetpid libc_ucred_getpid
//go:linkname procUcredGeteuid libc_ucred_geteuid
//go:linkname procUcredGetegid libc_ucred_getegid
//go:linkname procUcredGetzoneid libc_ucred_getzoneid
//go:linkname procUcredFree libc_ucred_free
//go:linkname procIoctl libc_ioctl
//go:linkname procGrantpt libc_grantpt
//go:linkname procUnlockpt libc_unlockpt
//go:linkname procPtsname libc_ptsname
//go:linkname procMount libc_mount
//go:linkname procUmount2 libc_umount2
//go:linkname procUadmin libc_uadmin
//go:linkname procMakeutx libc_makeutx
//go:linkname procModutx libc_modutx
//go:linkname procSetutxent libc_setutxent
//go:linkname procGetutxent libc_getutxent
//go:linkname procEndutxent libc_endutxent
//go:linkname procSigprocmask libc_sigprocmask
//go:linkname procWrite libc_write
//go:linkname procSemInit libc_sem_init
//go:linkname procSemWait libc_sem_wait
//go:linkname procSemPost libc_sem_post
//go:linkname procSyseventEvcBind libc_sysevent_evc_bind
//go:linkname procSyseventEvcUnbind libc_sysevent_evc_unbind
//go:linkname procSyseventEvcSubscribe libc_sysevent_evc_subscribe
//go:linkname procSyseventEvcUnsubscribe libc_sysevent_evc_unsubscribe
//go:linkname procSyseventGetSize libc_sysevent_get_size

var (
	procSyscall                uintptr
	procGetzoneid              uintptr
	procGetrctl                uintptr
	procSetrctl                uintptr
	procRctllist               uintptr
	procRctlctl                uintptr
	procSetprojrctl            uintptr
	procIssetugid              uintptr
	procPsecflags              uintptr
	procGetppriv               uintptr
	procSetppriv               uintptr
	procGetpflags              uintptr
	procSetpflags              uintptr
	procDoorCall               uintptr
	procDoorInfo               uintptr
	procDoorCreate             uintptr
	procDoorRevoke             uintptr
	procDoorBind               uintptr
	procDoorUnbind             uintptr
	procDoorGetparam           uintptr
	procDoorSetparam           uintptr
	procDoorReturn             uintptr
	procDoorUcred              uintptr
	procFattach                uintptr
	procFdetach                uintptr
	procUcredGet               uintptr
	procUcredGetpid            uintptr
	procUcredGeteuid           uintptr
	procUcredGetegid           uintptr
	procUcredGetzoneid         uintptr
	procUcredFree              uintptr
	procIoctl                  uintptr
	procGrantpt                uintptr
	procUnlockpt               uintptr
	procPtsname                uintptr
	procMount                  uintptr
	procUmount2                uintptr
	procUadmin                 uintptr
	procMakeutx                uintptr
	procModutx                 uintptr
	procSetutxent              uintptr
	procGetutxent              uintptr
	procEndutxent              uintptr
	procSigprocmask            uintptr
	procWrite                  uintptr
	procSemInit                uintptr
	procSemWait                uintptr
	procSemPost                uintptr
	procSyseventEvcBind        uintptr
	procSyseventEvcUnbind      uintptr
	procSyseventEvcSubscribe   uintptr
	procSyseventEvcUnsubscribe uintptr
	procSyseventGetSize        uintptr
)

// Syscall is long syscall(int number, long a1, long a2, long a3, long a4, long a5).
//
//go:uintptrescapes
func Syscall(number, a1, a2, a3, a4, a5 uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSyscall)), 6, number, a1, a2, a3, a4, a5)
	if result == ^uintptr(0) {
		return result, failure
	}
	return result, 0
}

// Getzoneid is zoneid_t getzoneid(void).
//
//go:uintptrescapes
func Getzoneid() (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetzoneid)), 0, 0, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Getrctl is int getrctl(const char *name, rctlblk_t *old, rctlblk_t *new, uint_t flags).
//
//go:uintptrescapes
func Getrctl(name, old, new_, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetrctl)), 4, name, old, new_, flags, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setrctl is int setrctl(const char *name, rctlblk_t *old, rctlblk_t *new, uint_t flags).
//
//go:uintptrescapes
func Setrctl(name, old, new_, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetrctl)), 4, name, old, new_, flags, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Rctllist is size_t rctllist(char *buf, size_t size).
//
//go:uintptrescapes
func Rctllist(buf, size uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procRctllist)), 2, buf, size, 0, 0, 0, 0)
	if result == ^uintptr(0) {
		return result, failure
	}
	return result, 0
}

// Rctlctl is int rctlctl(const char *name, rctlblk_t *block, int flags).
//
//go:uintptrescapes
func Rctlctl(name, block, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procRctlctl)), 3, name, block, flags, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setprojrctl is int setprojrctl(const char *name, rctlblk_t *blocks, size_t count, int flags).
//
//go:uintptrescapes
func Setprojrctl(name, blocks, count, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetprojrctl)), 4, name, blocks, count, flags, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Issetugid is int issetugid(void).
//
//go:uintptrescapes
func Issetugid() uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procIssetugid)), 0, 0, 0, 0, 0, 0, 0)
	return result
}

// Psecflags is int psecflags(idtype_t idtype, id_t id, psecflagwhich_t which, secflagdelta_t *delta).
//
//go:uintptrescapes
func Psecflags(idtype, id, which, delta uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procPsecflags)), 4, idtype, id, which, delta, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Getppriv is int getppriv(const char *which, priv_set_t *set).
//
//go:uintptrescapes
func Getppriv(which, set uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetppriv)), 2, which, set, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setppriv is int setppriv(int op, const char *which, const priv_set_t *set).
//
//go:uintptrescapes
func Setppriv(op, which, set uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetppriv)), 3, op, which, set, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Getpflags is uint_t getpflags(uint_t flag).
//
//go:uintptrescapes
func Getpflags(flag uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetpflags)), 1, flag, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setpflags is int setpflags(uint_t flag, uint_t value).
//
//go:uintptrescapes
func Setpflags(flag, value uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetpflags)), 2, flag, value, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

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

// DoorBind is int door_bind(int d).
//
//go:uintptrescapes
func DoorBind(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorBind)), 1, d, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// DoorUnbind is int door_unbind(void).
//
//go:uintptrescapes
func DoorUnbind() (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorUnbind)), 0, 0, 0, 0, 0, 0, 0)
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

// DoorSetparam is int door_setparam(int d, int param, size_t value).
//
//go:uintptrescapes
func DoorSetparam(d, param, value uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procDoorSetparam)), 3, d, param, value, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// AddressDoorReturn is where int door_return(char *data, size_t size, door_desc_t *descriptors, uint_t count) stands.
func AddressDoorReturn() uintptr { return uintptr(unsafe.Pointer(&procDoorReturn)) }

// AddressDoorUcred is where int door_ucred(ucred_t **info) stands.
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

// UcredFree is void ucred_free(ucred_t *uc).
//
//go:uintptrescapes
func UcredFree(uc uintptr) uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procUcredFree)), 1, uc, 0, 0, 0, 0, 0)
	return result
}

// Ioctl is int ioctl(int d, int request, void *arg).
//
//go:uintptrescapes
func Ioctl(d, request, arg uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procIoctl)), 3, d, request, arg, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Grantpt is int grantpt(int d).
//
//go:uintptrescapes
func Grantpt(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGrantpt)), 1, d, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Unlockpt is int unlockpt(int d).
//
//go:uintptrescapes
func Unlockpt(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUnlockpt)), 1, d, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Ptsname is char *ptsname(int d).
//
//go:uintptrescapes
func Ptsname(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procPtsname)), 1, d, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// Mount is int mount(const char *special, const char *point, int flags, char *fstype, char *data, int size, char *options, int room).
//
//go:uintptrescapes
func Mount(special, point, flags, fstype, data, size, options, room uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall8(uintptr(unsafe.Pointer(&procMount)), special, point, flags, fstype, data, size, options, room)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Umount2 is int umount2(const char *point, int flags).
//
//go:uintptrescapes
func Umount2(point, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUmount2)), 2, point, flags, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Uadmin is int uadmin(int cmd, int fcn, uintptr_t mdep).
//
//go:uintptrescapes
func Uadmin(cmd, fcn, mdep uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUadmin)), 3, cmd, fcn, mdep, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Makeutx is struct utmpx *makeutx(const struct utmpx *entry).
//
//go:uintptrescapes
func Makeutx(entry uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procMakeutx)), 1, entry, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// Modutx is struct utmpx *modutx(const struct utmpx *entry).
//
//go:uintptrescapes
func Modutx(entry uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procModutx)), 1, entry, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// Setutxent is void setutxent(void).
//
//go:uintptrescapes
func Setutxent() uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procSetutxent)), 0, 0, 0, 0, 0, 0, 0)
	return result
}

// Getutxent is struct utmpx *getutxent(void).
//
//go:uintptrescapes
func Getutxent() (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetutxent)), 0, 0, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// Endutxent is void endutxent(void).
//
//go:uintptrescapes
func Endutxent() uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procEndutxent)), 0, 0, 0, 0, 0, 0, 0)
	return result
}

// Sigprocmask is int sigprocmask(int how, const sigset_t *set, sigset_t *old).
//
//go:uintptrescapes
func Sigprocmask(how, set, old uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSigprocmask)), 3, how, set, old, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// AddressWrite is where ssize_t write(int d, const void *buf, size_t size) stands.
func AddressWrite() uintptr { return uintptr(unsafe.Pointer(&procWrite)) }

// AddressSemInit is where int sem_init(sem_t *sem, int shared, uint_t value) stands.
func AddressSemInit() uintptr { return uintptr(unsafe.Pointer(&procSemInit)) }

// AddressSemWait is where int sem_wait(sem_t *sem) stands.
func AddressSemWait() uintptr { return uintptr(unsafe.Pointer(&procSemWait)) }

// SemPost is int sem_post(sem_t *sem).
//
//go:uintptrescapes
func SemPost(sem uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSemPost)), 1, sem, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

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

// AddressSyseventGetSize is where size_t sysevent_get_size(sysevent_t *event) stands.
func AddressSyseventGetSize() uintptr { return uintptr(unsafe.Pointer(&procSyseventGetSize)) }
