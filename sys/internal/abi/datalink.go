package abi

import "unsafe"

// DLMGMT_DOOR is the door of dlmgmtd, the daemon that names the host's links
// (<sys/dls_mgmt.h>).
const DLMGMT_DOOR = "/etc/svc/volatile/dladm/dlmgmt_door"

// Commands of that door, and the longest name of a link with its NUL
// (<sys/dls_mgmt.h>, <sys/param.h>).
const (
	DLMGMT_CMD_GETNAME   = 4
	DLMGMT_CMD_GETLINKID = 5
	DLMGMT_CMD_GETNEXT   = 6

	// Of libdladm's part (<libdlmgmt.h>), numbered from DLMGMT_CMD_BASE.
	DLMGMT_CMD_ZONEBOOT = 128 + 13
	DLMGMT_CMD_ZONEHALT = 128 + 14

	DATALINK_INVALID_LINKID = 0

	MAXLINKNAMELEN = 32
)

// DlmgmtGetlinkid is dlmgmt_door_getlinkid_t.
type DlmgmtGetlinkid struct {
	Cmd  int32                // ld_cmd
	Link [MAXLINKNAMELEN]byte // ld_link
}

// DlmgmtGetlinkidRetval is dlmgmt_getlinkid_retval_t.
type DlmgmtGetlinkidRetval struct {
	Err     uint32 // lr_err
	LinkID  uint32 // lr_linkid
	Flags   uint32 // lr_flags
	Class   uint32 // lr_class
	Media   uint32 // lr_media
	Padding uint32 // lr_padding
}

// DlmgmtGetname is dlmgmt_door_getname_t.
type DlmgmtGetname struct {
	Cmd    int32  // ld_cmd
	LinkID uint32 // ld_linkid
}

// DlmgmtGetnameRetval is dlmgmt_getname_retval_t.
type DlmgmtGetnameRetval struct {
	Err   uint32               // lr_err
	Link  [MAXLINKNAMELEN]byte // lr_link
	Class uint32               // lr_class
	Media uint32               // lr_media
	Flags uint32               // lr_flags
}

// DlmgmtZone is dlmgmt_door_zoneboot_t and dlmgmt_door_zonehalt_t.
type DlmgmtZone struct {
	Cmd    int32 // ld_cmd
	ZoneID int32 // ld_zoneid
}

// DlmgmtRetval is dlmgmt_zoneboot_retval_t and dlmgmt_zonehalt_retval_t.
type DlmgmtRetval struct {
	Err uint32 // lr_err
}

const (
	_ = -((unsafe.Sizeof(DlmgmtGetlinkid{}) ^ 36) * lp64)       // sizeof (dlmgmt_door_getlinkid_t)
	_ = -((unsafe.Sizeof(DlmgmtGetlinkidRetval{}) ^ 24) * lp64) // sizeof (dlmgmt_getlinkid_retval_t)
	_ = -((unsafe.Sizeof(DlmgmtGetname{}) ^ 8) * lp64)          // sizeof (dlmgmt_door_getname_t)
	_ = -((unsafe.Sizeof(DlmgmtGetnameRetval{}) ^ 48) * lp64)   // sizeof (dlmgmt_getname_retval_t)
)
