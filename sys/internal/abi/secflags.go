package abi

import "unsafe"

// Secflagdelta is secflagdelta_t, a change of a set of security flags
// (<sys/secflags.h>).
type Secflagdelta struct {
	Add     uint64 // psd_add
	Rem     uint64 // psd_rem
	Assign  uint64 // psd_assign
	Assigns int32  // psd_ass_active
	_       int32  // padding
}

const _ = -((unsafe.Sizeof(Secflagdelta{}) ^ 32) * lp64) // sizeof (secflagdelta_t)
