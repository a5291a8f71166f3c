package abi

import "unsafe"

// The channel of zone events, their class, and the names of their attributes
// (<sys/zone.h>).
const (
	ZONE_EVENT_CHANNEL         = "com.sun:zones:status"
	ZONE_EVENT_STATUS_CLASS    = "status"
	ZONE_EVENT_STATUS_SUBCLASS = "change"
	ZONE_CB_NAME               = "zonename"
	ZONE_CB_NEWSTATE           = "newstate"
	ZONE_CB_OLDSTATE           = "oldstate"
	ZONE_CB_TIMESTAMP          = "when"
	ZONE_CB_ZONEID             = "zoneid"
)

// EVCH_CREAT creates a channel that doesn't exist (<sys/sysevent.h>). SE_PACKED_BUF
// marks an event that contains its attributes, packed (<sys/sysevent_impl.h>).
const (
	EVCH_CREAT    = 0x1
	SE_PACKED_BUF = 0x1
)

// Sysevent is sysevent_impl_t, the head of an event. The name of the class starts at
// the first of the four words after the header, and runs over the others.
type Sysevent struct {
	Seq         uint64 // se_header.se_id.eid_seq
	TS          int64  // se_header.se_id.eid_ts
	Version     uint32 // se_header.se_version
	Flag        uint32 // se_header.se_flag
	Class       uint32 // se_header.se_class
	Subclass    uint32 // se_header.se_subclass
	PayloadSize int32  // se_header.se_payload_sz
	SubclassOff uint16 // se_header.se_subclass_off
	PubOff      uint16 // se_header.se_pub_off
	AttrOff     uint64 // se_header.se_attr_off
	ClassName   uint64 // se_class_name
	SubclassNam uint64 // se_subclass_name
	Pub         uint64 // se_pub
	AttrBuf     uint64 // se_attr_buf
}

const _ = -((unsafe.Sizeof(Sysevent{}) ^ 80) * lp64) // sizeof (sysevent_impl_t)
