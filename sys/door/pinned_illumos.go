package door

import (
	"runtime"

	"github.com/gozones/zones/sys/internal/abi"
)

// pinned pins the memory that door_call reads and writes, until release is called.
func pinned(a *abi.DoorArg) (arg *abi.DoorArg, release func()) {
	var pin runtime.Pinner
	pin.Pin(a)
	pin.Pin(a.RBuf)
	pin.Pin(a.Data) // nil is nothing to pin
	pin.Pin(a.Desc)
	return a, pin.Unpin
}
