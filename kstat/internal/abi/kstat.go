package abi

import "unsafe"

// Requests to /dev/kstat (<sys/kstat.h>).
const (
	KSTAT_IOC_CHAIN_ID = 0x4b01
	KSTAT_IOC_READ     = 0x4b02
	KSTAT_IOC_WRITE    = 0x4b03
)

// Types of kstats, of named values, flags (<sys/kstat.h>).
const (
	KSTAT_STRLEN    = 31
	KSTAT_NUM_INTRS = 5

	KSTAT_TYPE_RAW   = 0
	KSTAT_TYPE_NAMED = 1
	KSTAT_TYPE_INTR  = 2
	KSTAT_TYPE_IO    = 3
	KSTAT_TYPE_TIMER = 4

	KSTAT_DATA_CHAR   = 0
	KSTAT_DATA_INT32  = 1
	KSTAT_DATA_UINT32 = 2
	KSTAT_DATA_INT64  = 3
	KSTAT_DATA_UINT64 = 4
	KSTAT_DATA_FLOAT  = 5
	KSTAT_DATA_DOUBLE = 6
	KSTAT_DATA_STRING = 9

	KSTAT_FLAG_VIRTUAL     = 0x01
	KSTAT_FLAG_VAR_SIZE    = 0x02
	KSTAT_FLAG_WRITABLE    = 0x04
	KSTAT_FLAG_PERSISTENT  = 0x08
	KSTAT_FLAG_DORMANT     = 0x10
	KSTAT_FLAG_INVALID     = 0x20
	KSTAT_FLAG_LONGSTRINGS = 0x40
)

// Kstat is kstat_t. Pointers into the kernel are numbers here; Data is the caller's
// buffer.
type Kstat struct {
	CrTime   int64              // ks_crtime: nanoseconds since boot
	Next     uintptr            // ks_next
	KID      int32              // ks_kid
	Module   [KSTAT_STRLEN]byte // ks_module
	Resv     uint8              // ks_resv
	Instance int32              // ks_instance
	Name     [KSTAT_STRLEN]byte // ks_name
	Type     uint8              // ks_type
	Class    [KSTAT_STRLEN]byte // ks_class
	Flags    uint8              // ks_flags
	Data     unsafe.Pointer     // ks_data
	NData    uint32             // ks_ndata
	_        uint32             // padding
	DataSize uintptr            // ks_data_size
	SnapTime int64              // ks_snaptime
	Update   uintptr            // ks_update
	Private  uintptr            // ks_private
	Snapshot uintptr            // ks_snapshot
	Lock     uintptr            // ks_lock
}

// KstatNamed is kstat_named_t. The value of a string is its address within the data and,
// eight bytes further, its length with the NUL.
type KstatNamed struct {
	Name  [KSTAT_STRLEN]byte // name
	Type  uint8              // data_type
	Value [16]byte           // value
}

// KstatIO is kstat_io_t.
type KstatIO struct {
	NRead       uint64 // nread
	NWritten    uint64 // nwritten
	Reads       uint32 // reads
	Writes      uint32 // writes
	WTime       int64  // wtime
	WLenTime    int64  // wlentime
	WLastUpdate int64  // wlastupdate
	RTime       int64  // rtime
	RLenTime    int64  // rlentime
	RLastUpdate int64  // rlastupdate
	WCnt        uint32 // wcnt
	RCnt        uint32 // rcnt
}

// KstatTimer is kstat_timer_t.
type KstatTimer struct {
	Name      [KSTAT_STRLEN]byte // name
	Resv      uint8              // resv
	NumEvents uint64             // num_events
	Elapsed   int64              // elapsed_time
	MinTime   int64              // min_time
	MaxTime   int64              // max_time
	StartTime int64              // start_time
	StopTime  int64              // stop_time
}

// KstatIntr is kstat_intr_t.
type KstatIntr struct {
	Intrs [KSTAT_NUM_INTRS]uint32 // intrs
}

const (
	_ = -((unsafe.Sizeof(Kstat{}) ^ 184) * lp64)     // sizeof (kstat_t)
	_ = -((unsafe.Sizeof(KstatNamed{}) ^ 48) * lp64) // sizeof (kstat_named_t)
	_ = -((unsafe.Sizeof(KstatIO{}) ^ 80) * lp64)    // sizeof (kstat_io_t)
	_ = -((unsafe.Sizeof(KstatTimer{}) ^ 80) * lp64) // sizeof (kstat_timer_t)
	_ = -((unsafe.Sizeof(KstatIntr{}) ^ 20) * lp64)  // sizeof (kstat_intr_t)
)
