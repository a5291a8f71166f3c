package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Pool is a resource pool: a processor set under a name and a number.
type Pool struct {
	Name string
	ID   int32
	Pset int32
}

// Faults are failures of the machine that tests inject.
type Faults struct {
	HoldLWPs      bool        // the other threads of a caller can't be stopped
	NewZsched     errno.Errno // the next creation of a zsched fails, once
	NewInit       errno.Errno // the next creation of an init process fails, once
	PoolLockAfter int         // the so manyth interruptible try for the pool lock is interrupted, once; 0: none
	PoolBind      errno.Errno // binding a process to a pool fails
	KstatCreate   bool        // no kstat can be made
}

// SetFaults changes what fails from now on.
func (k *Kernel) SetFaults(change func(*Faults)) {
	defer k.enterAs(nil)()
	change(&k.faults)
}

// SetPools turns resource pools on or off.
func (k *Kernel) SetPools(enabled bool) {
	defer k.enterAs(nil)()
	k.poolsEnabled = enabled
}

// SetMaxZones changes how many zones there may be, the global one included.
func (k *Kernel) SetMaxZones(n int) {
	defer k.enterAs(nil)()
	k.maxZones = n
}

// SetWaitForCred makes zone_destroy wait for references from credentials too.
func (k *Kernel) SetWaitForCred(on bool) {
	defer k.enterAs(nil)()
	k.waitForCred = on
}

// SetSerial changes the machine's hardware serial number.
func (k *Kernel) SetSerial(serial string) {
	defer k.enterAs(nil)()
	k.serial = serial
}

// SetNetstackInUse tells that the network stack of an id is still in use, so that
// no new zone gets the id; of every id with zone.AllZones.
func (k *Kernel) SetNetstackInUse(id zone.ID, inUse bool) {
	defer k.enterAs(nil)()
	if id == zone.AllZones {
		k.allNetstacks = inUse
		clear(k.netstackBusy)
		return
	}
	k.netstackBusy[id] = inUse
}

// HoldPools takes the pool lock on behalf of another part of the kernel; the
// returned function gives it back.
func (k *Kernel) HoldPools() (release func()) {
	t := k.enter(nil)
	k.poolLock(t)
	k.leave(t)
	return func() {
		defer k.enterAs(nil)()
		k.poolUnlock()
	}
}

func (k *Kernel) poolLock(t *thread) {
	for k.poolBusy {
		k.wait(t, &k.poolCV)
	}
	k.poolBusy = true
}

// poolLockSig reports false when a signal came first.
func (k *Kernel) poolLockSig(t *thread) bool {
	if k.faults.PoolLockAfter > 0 {
		if k.faults.PoolLockAfter--; k.faults.PoolLockAfter == 0 {
			return false
		}
	}
	for k.poolBusy {
		if !k.waitSig(t, &k.poolCV) {
			return false
		}
	}
	k.poolBusy = true
	return true
}

func (k *Kernel) poolUnlock() {
	k.poolBusy = false
	k.broadcast(&k.poolCV)
}

// setPset changes the processor set that a zone's processes see; the global
// zone's see every processor.
func (z *Zone) setPset(pset int32) {
	if z.psetID == pset {
		return
	}
	if z != z.k.global {
		old := z.psetID
		z.psetID = pset
		if pset != noPset {
			z.ncpus = z.k.psetCPUs(pset)
		}
		if old != noPset {
			// The old set is taken from the zone's view after the new one was added.
			z.ncpus = 0
		}
	}
	if pset == noPset {
		z.ncpus = 0
	}
}

// psetCPUs is the number of processors in a set.
func (k *Kernel) psetCPUs(int32) int { return max(1, k.ncpus/2) }

func (z *Zone) setPool(p *Pool) {
	z.pool = p
	z.setPset(p.Pset)
}

// SetPool binds a zone to a pool by name; false when there is no such pool
// (zone_pool_set).
func (k *Kernel) SetPool(z *Zone, name string) bool {
	defer k.enterAs(nil)()
	for _, p := range k.pools {
		if p.Name == name {
			z.setPool(p)
			return true
		}
	}
	return false
}

// SetPset changes a zone's processor set (zone_pset_set); Pset returns it.
func (k *Kernel) SetPset(z *Zone, pset int32) { defer k.enterAs(nil)(); z.setPset(pset) }

// Pset returns the processor set that a zone's processes see (zone_pset_get).
func (k *Kernel) Pset(z *Zone) int32 { defer k.enterAs(nil)(); return z.psetID }

// CPUs returns how many processors a zone sees (zone_ncpus_get); nil stands for
// the machine.
func (k *Kernel) CPUs(z *Zone) int {
	defer k.enterAs(nil)()
	if z == nil || z.ncpus == 0 {
		return k.ncpus
	}
	return z.ncpus
}
