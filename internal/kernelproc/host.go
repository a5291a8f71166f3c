package kernelproc

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/internal/linuxhost"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
)

// The hosts on which zones can run.
const (
	HostLinux = "linux" // processes of this host
	HostSim   = "sim"   // zones are in memory, without processes
	HostAuto  = "auto"  // linux if that works, else sim
)

var errAskedFor = errors.New("asked for")

// choose returns the reason why zones can't run on Linux, or nil if they can.
func choose(name string) (noLinux, err error) {
	switch name {
	case HostSim:
		return errAskedFor, nil
	case HostLinux, HostAuto:
		return linuxhost.Isolate(), nil
	}
	return nil, fmt.Errorf("unknown host %q: %s, %s or %s", name, HostLinux, HostSim, HostAuto)
}

// openHost opens the host of the zones. detail is the reason if it isn't Linux.
func openHost(o Options, noLinux error) (h host.Host, detail string, err error) {
	if noLinux == nil {
		if h, noLinux = linuxhost.New(linuxhost.Options{RunDir: o.RunDir}); noLinux == nil {
			return h, "", nil
		}
	}
	if o.Host == HostLinux {
		return nil, "", noLinux
	}
	return sim.New(), noLinux.Error(), nil
}
