package abi

import "unsafe"

// CTFS_ROOT is where the contract file system is mounted (<sys/ctfs.h>).
const CTFS_ROOT = "/system/contract"

// Requests to the files of the contract file system (<sys/ctfs.h>).
const (
	CT_TACTIVATE = 0x63747400
	CT_TCLEAR    = 0x63747401
	CT_TCREATE   = 0x63747402
	CT_TSET      = 0x63747403
	CT_TGET      = 0x63747404
	CT_CABANDON  = 0x63746300
	CT_CACK      = 0x63746301
	CT_CQREQ     = 0x63746302
	CT_CADOPT    = 0x63746303
	CT_CNEWCT    = 0x63746304
	CT_CNACK     = 0x63746305
	CT_SSTATUS   = 0x63747300
	CT_ERESET    = 0x63746500
	CT_ERECV     = 0x63746501
	CT_ECRECV    = 0x63746502
	CT_ENEXT     = 0x63746503
	CT_ERELIABLE = 0x63746504
)

// Terms of every contract and of process contracts, with their values
// (<sys/contract.h>, <sys/contract/process.h>).
const (
	CTP_EV_CRITICAL = 100
	CTP_EV_INFO     = 101
	CTP_COOKIE      = 102

	CTPP_EV_FATAL    = 0
	CTPP_PARAMS      = 1
	CTPP_SUBSUME     = 2
	CTPP_SVC_FMRI    = 3
	CTPP_SVC_CTID    = 4
	CTPP_SVC_CREATOR = 5
	CTPP_CREATOR_AUX = 6

	CT_PR_INHERIT  = 0x1
	CT_PR_NOORPHAN = 0x2
	CT_PR_PGRPONLY = 0x4
	CT_PR_REGENT   = 0x8
	CT_PR_ALLPARAM = 0xf

	CT_PR_EV_EMPTY  = 0x1
	CT_PR_EV_FORK   = 0x2
	CT_PR_EV_EXIT   = 0x4
	CT_PR_EV_CORE   = 0x8
	CT_PR_EV_SIGNAL = 0x10
	CT_PR_EV_HWERR  = 0x20
	CT_PR_ALLEVENT  = 0x3f
	CT_PR_ALLFATAL  = 0x38

	CT_EV_NEGEND = 0

	CTE_ACK  = 0x1
	CTE_INFO = 0x2
	CTE_NEG  = 0x4

	CTD_COMMON = 0
	CTD_FIXED  = 1
	CTD_ALL    = 2

	CTS_OWNED     = 0
	CTS_INHERITED = 1
	CTS_ORPHAN    = 2
	CTS_DEAD      = 3

	CT_PARAM_MAX_SIZE = 8192
)

// CtParam is ct_param_t: a term of a template.
type CtParam struct {
	ID    uint32         // ctpm_id
	Size  uint32         // ctpm_size
	Value unsafe.Pointer // ctpm_value
}

// CtStatus is ct_status_t.
type CtStatus struct {
	ID          int32   // ctst_id
	ZoneID      int32   // ctst_zoneid
	Type        int32   // ctst_type
	Holder      int32   // ctst_holder
	State       int32   // ctst_state
	NEvents     int32   // ctst_nevents
	NTime       int32   // ctst_ntime
	QTime       int32   // ctst_qtime
	NEvID       uint64  // ctst_nevid
	Detail      uint32  // ctst_detail
	_           uint32  // padding
	NBytes      uintptr // ctst_nbytes
	Critical    uint32  // ctst_critical
	Informative uint32  // ctst_informative
	Cookie      uint64  // ctst_cookie
	Buffer      *byte   // ctst_buffer: a packed list
}

// CtEvent is ct_event_t.
type CtEvent struct {
	ID      int32  // ctev_id
	_       uint32 // ctev_pad1
	EvID    uint64 // ctev_evid
	CtType  int32  // ctev_cttype
	Flags   uint32 // ctev_flags
	Type    uint32 // ctev_type
	NBytes  uint32 // ctev_nbytes
	GOffset uint32 // ctev_goffset
	_       uint32 // ctev_pad2
	Buffer  *byte  // ctev_buffer: a packed list
}

const (
	_ = -((unsafe.Sizeof(CtParam{}) ^ 16) * lp64)  // sizeof (ct_param_t)
	_ = -((unsafe.Sizeof(CtStatus{}) ^ 80) * lp64) // sizeof (ct_status_t)
	_ = -((unsafe.Sizeof(CtEvent{}) ^ 48) * lp64)  // sizeof (ct_event_t)
)
