package datalink

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

const tcpDevice = "/dev/tcp"

// abortConnections asks for those of each family: an address and a port of 0 are any.
func abortConnections(zone int32) error {
	fd, err := unix.Open(tcpDevice, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", tcpDevice, err)
	}
	defer unix.Close(fd)
	for _, family := range []uint16{unix.AF_INET, unix.AF_INET6} {
		if err := abortFamily(uintptr(fd), zone, family); err != nil {
			return fmt.Errorf("ending TCP connections of zone %d: %w", zone, err)
		}
	}
	return nil
}

// abortFamily ends the connections in all states but those that are not yet connecting. The
// system says ENOENT when there were none.
func abortFamily(fd uintptr, zone int32, family uint16) error {
	what := &abi.TCPAbortConn{Start: abi.TCPS_SYN_SENT, End: abi.TCPS_TIME_WAIT, ZoneID: zone}
	binary.LittleEndian.PutUint16(what.Local[:], family)
	binary.LittleEndian.PutUint16(what.Remote[:], family)
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(what)
	const forever = -1
	s := &abi.Strioctl{Cmd: abi.TCP_IOC_ABORT_CONN, Timeout: forever, Len: int32(unsafe.Sizeof(*what)), Data: unsafe.Pointer(what)}
	if _, e := libc.Ioctl(fd, abi.I_STR, uintptr(unsafe.Pointer(s))); e != 0 && e != unix.ENOENT {
		return errno.Errno(e)
	}
	return nil
}
