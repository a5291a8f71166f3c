// Package kernelseam is how the tests of this module reach what package kernel
// keeps from programs: the functions of zone.c that only other parts of the illumos
// kernel call, its bookkeeping, and failures of the machine.
package kernelseam

import (
	"errors"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Of returns the seam of a *kernel.Kernel: a value that has the methods which the
// package has in its files seam*.go. The caller asserts those it needs.
// Package kernel sets it.
var Of func(kernel any) any

// Faults are failures that a test injects.
type Faults struct {
	HoldLWPs      bool        // the other threads of a caller can't be stopped
	NewInit       errno.Errno // the next creation of an init process fails, once
	PoolLockAfter int         // which interruptible attempt to take the pool lock is interrupted, once; 0: none
	PoolBind      errno.Errno // binding a process to a pool fails
	KstatCreate   bool        // no kstat can be made
}

// ErrNotYet is the answer of a host or a callback that hangs: the kernel calls it
// again after the seam's Retry.
var ErrNotYet = errors.New("not yet")

// Subsys names the subsystems whose references are counted apart (zone_ref_subsys_t).
var Subsys = [...]string{"NFS", "NFSv4", "SMBFS", "MNTFS", "LOFI", "VFS", "IPC"}

// Ref is a tracked reference to a zone (zone_ref_t). The zero value refers to
// nothing; its fields are the kernel's.
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
