package abi

import "unsafe"

// The channel on which the kernel tells of zones, what an event is of, and the
// names of its attributes (<sys/zone.h>).
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

// EVCH_CREAT makes a channel that isn't there (<sys/sysevent.h>); SE_PACKED_BUF
// says that an event's attributes stand in it, packed (<sys/sysevent_impl.h>).
const (
	EVCH_CREAT    = 0x1
	SE_PACKED_BUF = 0x1
)

// Sysevent is sysevent_impl_t, the head of an event. Of the four words after the
// header the first is where the name of the class begins, which runs over the
// others.
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

const _ = -(unsafe.Sizeof(Sysevent{}) ^ 80) // sizeof (sysevent_impl_t)
