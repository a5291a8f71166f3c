package zoneadm

import (
	"syscall"

	"github.com/gozones/zones/internal/posix"
)

// signalName returns the name of a signal without SIG.
func signalName(s syscall.Signal) string {
	if name := posix.SignalName(s); name != "" {
		return name
	}
	return s.String()
}
