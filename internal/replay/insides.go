package replay

import (
	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// insides are the parts of a kernel besides its system calls that the steps of
// recordings use, see [kernelseam.Of].
type insides interface {
	// Functions called by other parts of the illumos kernel.

	FindByID(zone.ID) *kernel.Zone
	FindByName(string) *kernel.Zone
	FindByPath(string) *kernel.Zone
	FindByAnyPath(path string, treatAbsolute bool) *kernel.Zone
	Peek(zone.ID) *kernel.Zone
	Dead(zone.ID) []*kernel.Zone
	Walk(func(*kernel.Zone) int) int
	WalkLinks(zone.ID, func(zone.LinkID) int) int
	Hold(*kernel.Zone)
	Release(*kernel.Zone)
	CredHold(*kernel.Zone)
	CredRelease(*kernel.Zone)
	HoldRef(z *kernel.Zone, ref *kernelseam.Ref, subsys int)
	ReleaseRef(*kernelseam.Ref)
	KeyCreate(kernelseam.ZSD) kernelseam.Key
	KeyDelete(kernelseam.Key) bool
	GetSpecific(kernelseam.Key, *kernel.Zone) any
	SetSpecific(key kernelseam.Key, z *kernel.Zone, data any) bool
	StatusWait(*kernel.Proc, *kernel.Zone, zone.Status)
	StatusWaitSig(*kernel.Proc, *kernel.Zone, zone.Status) bool
	StatusTimedWait(p *kernel.Proc, z *kernel.Zone, ticks int64, s zone.Status) int64
	StatusTimedWaitSig(p *kernel.Proc, z *kernel.Zone, ticks int64, s zone.Status) int64
	StartKThread(*kernel.Proc) *kernel.Zone
	EndKThread(*kernel.Zone)
	MountInProgress(*kernel.Proc, *kernel.Zone)
	MountCompleted(*kernel.Zone)
	DatasetVisible(p *kernel.Proc, dataset string) (visible, writable bool)
	Kadmin(p *kernel.Proc, cmd uadmin.Cmd, fcn uadmin.Fcn, bootArgs *string) (e errno.Errno, noreturn bool)
	ShutdownGlobal()
	HostID(*kernel.Zone) uint32
	CPUs(*kernel.Zone) int
	Pset(*kernel.Zone) int32
	SetPset(z *kernel.Zone, pset int32)
	SetPool(z *kernel.Zone, name string) bool
	RctlUsage(p *kernel.Proc, name string) (uint64, errno.Errno)
	RctlTest(p *kernel.Proc, name string, incr uint64) (uint32, errno.Errno)
	RctlInsert(p *kernel.Proc, name string, v rctl.Value) errno.Errno
	RctlDelete(p *kernel.Proc, name string, v rctl.Value) errno.Errno

	// The environment.

	Fork(p *kernel.Proc, pid int32, inNewTask bool) *kernel.Proc
	SetUnkillable(p *kernel.Proc, on bool)
	SetModel32(p *kernel.Proc, on bool)
	SetFaults(func(*kernelseam.Faults))
	SetPools(enabled bool)
	HoldPools() (release func())
	SetMaxZones(int)
	SetWaitForCred(bool)
	SetSerial(string)
	SetNetstackInUse(id zone.ID, inUse bool)
	AddMount(z *kernel.Zone, point, resource, fstype string)
	RemoveMount(point string)
	SetUsage(z *kernel.Zone, user, system, wait uint64)
	SetCounter(z *kernel.Zone, name string, value uint64)
	Retry()
	Inspect() *kernelseam.Snapshot
	Abandon()
}
