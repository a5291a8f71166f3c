package abi

import "unsafe"

// The privsys system call and its subcodes (<sys/syscall.h>, <sys/priv.h>).
const (
	SYS_privsys         = 82
	PRIVSYS_SETPPRIV    = 0
	PRIVSYS_GETPPRIV    = 1
	PRIVSYS_GETIMPLINFO = 2
	PRIVSYS_SETPFLAGS   = 3
	PRIVSYS_GETPFLAGS   = 4
)

// What setppriv(2) does with a set (priv_op_t).
const (
	PRIV_ON  = 0
	PRIV_OFF = 1
	PRIV_SET = 2
)

// Flags of a process (<sys/priv.h>).
const (
	PRIV_DEBUG         = 0x1
	PRIV_AWARE         = 0x2
	PRIV_AWARE_INHERIT = 0x4
	PRIV_AWARE_RESET   = 0x40
	PRIV_XPOLICY       = 0x80
	PRIV_PFEXEC        = 0x100
)

// Kinds of information that follow a PrivImplInfo (<sys/priv.h>).
const (
	PRIV_INFO_SETNAMES   = 1
	PRIV_INFO_PRIVNAMES  = 2
	PRIV_INFO_BASICPRIVS = 3
	PRIV_INFO_FLAGS      = 4
)

// PrivImplInfo is priv_impl_info_t: how the kernel represents privileges.
type PrivImplInfo struct {
	HeaderSize     uint32 // priv_headersize
	Flags          uint32 // priv_flags
	NSets          uint32 // priv_nsets
	SetSize        uint32 // priv_setsize
	Max            uint32 // priv_max
	InfoSize       uint32 // priv_infosize
	GlobalInfoSize uint32 // priv_globalinfosize
}

// PrivInfo is priv_info_t, the head of each piece of information.
type PrivInfo struct {
	Type uint32 // priv_info_type
	Size uint32 // priv_info_size
}

const (
	_ = -((unsafe.Sizeof(PrivImplInfo{}) ^ 28) * lp64) // sizeof (priv_impl_info_t)
	_ = -((unsafe.Sizeof(PrivInfo{}) ^ 8) * lp64)      // sizeof (priv_info_t)
)
