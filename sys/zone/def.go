package zone

import "unsafe"

// def is zone_def as kernels with Trusted Extensions have it. Those without have
// no match, doi and label, so that flags stands where match is here. Both places
// are given the flags: where the structure is the long one, match only counts on
// systems with labels.
type def struct {
	name         *byte   // zone_name
	root         *byte   // zone_root
	privs        *uint32 // zone_privs
	privsSize    uintptr // zone_privssz
	rctls        *byte   // rctlbuf
	rctlsSize    uintptr // rctlbufsz
	extended     *int32  // extended_error
	datasets     *byte   // zfsbuf
	datasetsSize uintptr // zfsbufsz
	match        int32   // match, or flags
	doi          uint32  // doi
	label        uintptr // label
	flags        int32   // flags
	_            int32
}

const _ = -(unsafe.Sizeof(def{}) ^ 96) // sizeof (zone_def)
