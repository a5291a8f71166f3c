package abi

import "unsafe"

// TCP_IOC_ABORT_CONN is a message to /dev/tcp that ends connections, of those in the states
// from TCPS_SYN_SENT to TCPS_TIME_WAIT all that are not only listening (<inet/tcp.h>).
const (
	TCP_IOC_ABORT_CONN = 'T'<<8 + 91
	TCPS_SYN_SENT      = -2
	TCPS_TIME_WAIT     = 6
)

// TCPAbortConn is tcp_ioc_abort_conn_t, which is packed: both data models have the same.
type TCPAbortConn struct {
	Local  [256]byte // ac_local: struct sockaddr_storage, whose first member is the family
	Remote [256]byte // ac_remote
	Start  int32     // ac_start: the first state
	End    int32     // ac_end: the last one
	ZoneID int32     // ac_zoneid
}

const _ = -((unsafe.Sizeof(TCPAbortConn{}) ^ 524) * lp64) // sizeof (tcp_ioc_abort_conn_t)
