package abi

import "unsafe"

// Types of entries (<utmpx.h>).
const (
	INIT_PROCESS  = 5
	LOGIN_PROCESS = 6
	USER_PROCESS  = 7
	DEAD_PROCESS  = 8
)

// ExitStatus is struct exit_status.
type ExitStatus struct {
	Termination int16 // e_termination
	Exit        int16 // e_exit
}

// Timeval is struct timeval.
type Timeval struct {
	Sec  int64 // tv_sec
	Usec int64 // tv_usec
}

// Utmpx is struct utmpx, which the library's functions take.
type Utmpx struct {
	User    [32]byte   // ut_user
	ID      [4]byte    // ut_id
	Line    [32]byte   // ut_line
	Pid     int32      // ut_pid
	Type    int16      // ut_type
	Exit    ExitStatus // ut_exit
	_       int16      // padding
	Tv      Timeval    // ut_tv
	Session int32      // ut_session
	Pad     [5]int32   // pad
	Syslen  int16      // ut_syslen
	Host    [257]byte  // ut_host
	_       [5]byte
}

// Futmpx is struct futmpx, an entry of the file.
type Futmpx struct {
	User    [32]byte   // ut_user
	ID      [4]byte    // ut_id
	Line    [32]byte   // ut_line
	Pid     int32      // ut_pid
	Type    int16      // ut_type
	Exit    ExitStatus // ut_exit
	_       int16      // padding
	Tv      Timeval32  // ut_tv
	Session int32      // ut_session
	Pad     [5]int32   // pad
	Syslen  int16      // ut_syslen
	Host    [257]byte  // ut_host
	_       [1]byte
}

// Timeval32 is struct timeval32.
type Timeval32 struct {
	Sec  int32 // tv_sec
	Usec int32 // tv_usec
}

const (
	_ = -((unsafe.Sizeof(Utmpx{}) ^ 384) * lp64)  // sizeof (struct utmpx)
	_ = -((unsafe.Sizeof(Futmpx{}) ^ 372) * lp64) // sizeof (struct futmpx)
)
