package main

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// errNoKernel is that of a machine whose kernel process doesn't run: no zone is
// active there.
var errNoKernel = errors.New("no zone runs on this machine")

// openKernel opens the kernel of this machine without starting one.
func (p process) openKernel() (zone.Kernel, error) {
	if runtime.GOOS != "illumos" {
		if _, err := os.Stat(locate.KernelDoor(p.runDir)); errors.Is(err, fs.ErrNotExist) {
			return nil, errNoKernel
		}
	}
	return machine.Open()
}

// elsewhere tells that this process is in a zone other than the global one: there
// the system shows it no zone but its own.
func (p process) elsewhere() bool {
	if runtime.GOOS != "illumos" {
		return false // a zone here has no way to the kernel, nor an /etc/zones
	}
	kernel, err := machine.Open()
	if err != nil {
		return false
	}
	defer kernel.Close()
	ids, err := zone.IDs(kernel)
	return err == nil && !slices.Contains(ids, zone.GlobalID)
}

// activeState asks the kernel for the state of a zone. The global zone always runs.
func (p process) activeState(name string) (zonecfg.State, bool) {
	if name == zone.GlobalName {
		return zonecfg.Running, true
	}
	kernel, err := p.openKernel()
	if err != nil {
		return 0, false
	}
	defer kernel.Close()
	id, err := kernel.Lookup(name)
	if err != nil {
		return 0, false
	}
	status, err := zone.StatusOf(kernel, id)
	if err != nil {
		return 0, false
	}
	root, _ := zone.RootOf(kernel, id)
	return zonecfg.KernelState(status, root), true
}
