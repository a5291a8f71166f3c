package zoneadm

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName returns the name of a signal without SIG.
func signalName(s syscall.Signal) string {
	name := unix.SignalName(s)
	if name == "" {
		return s.String()
	}
	return strings.TrimPrefix(name, "SIG")
}
