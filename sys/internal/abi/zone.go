package abi

import "unsafe"

// ZoneDef is zone_def of kernels with Trusted Extensions (<sys/zone.h>).
type ZoneDef struct {
	Name     *byte          // zone_name
	Root     *byte          // zone_root
	Privs    unsafe.Pointer // zone_privs
	PrivsSz  uintptr        // zone_privssz
	Rctls    *byte          // rctlbuf
	RctlsSz  uintptr        // rctlbufsz
	Extended *int32         // extended_error
	Zfs      *byte          // zfsbuf
	ZfsSz    uintptr        // zfsbufsz
	Match    int32          // match
	DOI      uint32         // doi
	Label    unsafe.Pointer // label
	Flags    int32          // flags
	_        int32
}

// ZoneDefShort is zone_def of kernels without Trusted Extensions, which lacks match, doi
// and label.
type ZoneDefShort struct {
	Name     *byte          // zone_name
	Root     *byte          // zone_root
	Privs    unsafe.Pointer // zone_privs
	PrivsSz  uintptr        // zone_privssz
	Rctls    *byte          // rctlbuf
	RctlsSz  uintptr        // rctlbufsz
	Extended *int32         // extended_error
	Zfs      *byte          // zfsbuf
	ZfsSz    uintptr        // zfsbufsz
	Flags    int32          // flags
	_        int32
}

const (
	_ = -((unsafe.Sizeof(ZoneDef{}) ^ 96) * lp64)      // sizeof (zone_def)
	_ = -((unsafe.Sizeof(ZoneDefShort{}) ^ 80) * lp64) // sizeof (zone_def) without labels
)
