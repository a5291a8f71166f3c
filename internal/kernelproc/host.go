package kernelproc

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/internal/linuxhost"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
)

// What can run the zones.
const (
	HostLinux = "linux" // processes of this machine
	HostSim   = "sim"   // nothing: zones are in memory
	HostAuto  = "auto"  // linux where that works, sim elsewhere
)

var errAskedFor = errors.New("asked for")

// choose returns why zones can't be processes of this machine, nil where they can.
func choose(name string) (noLinux, err error) {
	switch name {
	case HostSim:
		return errAskedFor, nil
	case HostLinux, HostAuto:
		return linuxhost.Isolate(), nil
	}
	return nil, fmt.Errorf("unknown host %q: %s, %s or %s", name, HostLinux, HostSim, HostAuto)
}

// openHost returns what runs the zones, and why that isn't Linux where it isn't.
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
