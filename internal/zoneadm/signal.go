package zoneadm

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName is a signal's name without SIG.
func signalName(s syscall.Signal) string {
	name := unix.SignalName(s)
	if name == "" {
		return s.String()
	}
	return strings.TrimPrefix(name, "SIG")
}
