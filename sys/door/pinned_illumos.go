package door

import (
	"runtime"

	"github.com/gozones/zones/sys/internal/abi"
)

// pinned keeps what door_call reads and writes where it is.
func pinned(a *abi.DoorArg) (*abi.DoorArg, func()) {
	var pin runtime.Pinner
	pin.Pin(a)
	pin.Pin(a.RBuf)
	if a.Data != nil {
		pin.Pin(a.Data)
	}
	if a.Desc != nil {
		pin.Pin(a.Desc)
	}
	return a, pin.Unpin
}
