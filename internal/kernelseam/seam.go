// Package kernelseam gives the tests of this module access to unexported parts of
// package kernel: the functions of zone.c that only other parts of the illumos kernel
// call, its bookkeeping, and injected failures of the host.
package kernelseam

import (
	"errors"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Of returns the seam of a *kernel.Kernel: a value with the methods in that package's
// files seam*.go. The caller asserts an interface with those it needs. Package kernel
// sets Of.
var Of func(kernel any) any

// Faults are failures that a test injects.
type Faults struct {
	HoldLWPs      bool        // the other threads of a caller can't be stopped
	NewInit       errno.Errno // the next creation of an init process fails, once
	PoolLockAfter int         // number of the interruptible attempt to take the pool lock that is interrupted, once; 0: none
	PoolBind      errno.Errno // binding a process to a pool fails
	KstatCreate   bool        // no kstat can be created
}

// ErrNotYet is returned by a host or a callback that hangs: the kernel calls it again
// after the seam's Retry.
var ErrNotYet = errors.New("not yet")

// Subsys names the subsystems whose references are counted separately
// (zone_ref_subsys_t).
var Subsys = [...]string{"NFS", "NFSv4", "SMBFS", "MNTFS", "LOFI", "VFS", "IPC"}

// Ref is a tracked reference to a zone (zone_ref_t). The zero value refers to no zone;
// the fields are set by the kernel.
type Ref struct {
	Zone   any
	Subsys int
}

// ZSD holds the callbacks of a zone-specific data key; each may be nil. They are
// called once per zone and without the kernel lock. Create returns the zone's data.
type ZSD struct {
	Create   func(zone.ID) (data any, err error)
	Shutdown func(id zone.ID, data any) error
	Destroy  func(id zone.ID, data any) error
}

// Key names zone-specific data; 0 names none.
type Key uint64
