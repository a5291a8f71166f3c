package abi

import "unsafe"

// Requests about addresses of interfaces (<sys/sockio.h>) that
// golang.org/x/sys/unix has; here for the layout that goes with them (<net/if.h>).
const (
	LIFC_ALLZONES = 0x8
	LIFNAMSIZ     = 32
)

// Lifconf is struct lifconf, by which SIOCGLIFCONF lists interfaces.
type Lifconf struct {
	Family uint16  // lifc_family
	_      uint16  // padding
	Flags  int32   // lifc_flags
	Len    int32   // lifc_len: bytes
	_      int32   // padding
	Buf    *Lifreq // lifc_lifcu
}

// Lifreq is struct lifreq, with its union as bytes.
type Lifreq struct {
	Name  [LIFNAMSIZ]byte // lifr_name
	Ppa   uint32          // lifr_lifru1
	Type  uint32          // lifr_type
	Lifru [42]uint64      // lifr_lifru
}

const (
	_ = -((unsafe.Sizeof(Lifconf{}) ^ 24) * lp64) // sizeof (struct lifconf)
	_ = -((unsafe.Sizeof(Lifreq{}) ^ 376) * lp64) // sizeof (struct lifreq)
)
