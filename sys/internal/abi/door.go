package abi

import "unsafe"

// Attributes of doors (<sys/door.h>).
const (
	DOOR_UNREF           = 0x01
	DOOR_PRIVATE         = 0x02
	DOOR_LOCAL           = 0x04
	DOOR_REVOKED         = 0x08
	DOOR_UNREF_MULTI     = 0x10
	DOOR_IS_UNREF        = 0x20
	DOOR_REFUSE_DESC     = 0x40
	DOOR_NO_CANCEL       = 0x80
	DOOR_NO_DEPLETION_CB = 0x100
	DOOR_PRIVCREATE      = 0x200
)

// Attributes of passed descriptors, parameters of a door, and the address of data by
// which a procedure learns that no process has the door open any more (<sys/door.h>).
const (
	DOOR_DESCRIPTOR = 0x10000
	DOOR_RELEASE    = 0x40000

	DOOR_PARAM_DESC_MAX = 1
	DOOR_PARAM_DATA_MAX = 2
	DOOR_PARAM_DATA_MIN = 3

	DOOR_UNREF_DATA = 1
)

// DoorArg is door_arg_t, the argument and result of door_call(3C).
type DoorArg struct {
	Data     *byte     // data_ptr
	DataSize uintptr   // data_size
	Desc     *DoorDesc // desc_ptr
	DescNum  uint32    // desc_num
	_        uint32    // padding
	RBuf     *byte     // rbuf
	RSize    uintptr   // rsize
}

// DoorDesc is door_desc_t. C packs it to four bytes, so the 64-bit number of a door is
// two fields here.
type DoorDesc struct {
	Attributes uint32   // d_attributes
	Data       DescData // d_data
}

// DescData is the union in door_desc_t: d_desc, in the space of d_resv.
type DescData struct {
	Descriptor int32     // d_descriptor
	ID         [2]uint32 // d_id
	_          [2]int32
}

// DoorInfo is door_info_t. Its 64-bit fields that aren't aligned are two fields here.
type DoorInfo struct {
	Target     int32     // di_target
	Proc       [2]uint32 // di_proc
	Data       [2]uint32 // di_data
	Attributes uint32    // di_attributes
	Uniquifier [2]uint32 // di_uniquifier
	Resv       [4]int32  // di_resv
}

const (
	_ = -((unsafe.Sizeof(DoorArg{}) ^ 48) * lp64)  // sizeof (door_arg_t)
	_ = -((unsafe.Sizeof(DoorDesc{}) ^ 24) * lp64) // sizeof (door_desc_t)
	_ = -((unsafe.Sizeof(DoorInfo{}) ^ 48) * lp64) // sizeof (door_info_t)
)
