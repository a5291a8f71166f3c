package kernel

import "github.com/gozones/zones/internal/kernelseam"

// Pool is a resource pool: a processor set under a name and a number.
type Pool struct {
	Name string
	ID   int32
	Pset int32
}

// noPset says that pools are not in use (ZONE_PS_INVAL).
const noPset = -3

// pools are the resource pools and their lock, which is held while sleeping.
type pools struct {
	list    []*Pool // the first is the default pool
	enabled bool
	busy    bool // the lock is taken
	cv      waitq
	faults  *kernelseam.Faults
}

func (ps *pools) init(list []*Pool, faults *kernelseam.Faults) {
	ps.faults = faults
	if ps.list = list; list == nil {
		ps.list = []*Pool{{Name: "pool_default"}}
	}
}

func (ps *pools) lock(t *thread) {
	for ps.busy {
		t.wait(&ps.cv)
	}
	ps.busy = true
}

// lockSig reports false when a signal came first.
func (ps *pools) lockSig(t *thread) bool {
	if ps.faults.PoolLockAfter > 0 {
		if ps.faults.PoolLockAfter--; ps.faults.PoolLockAfter == 0 {
			return false
		}
	}
	for ps.busy {
		if !t.waitSig(&ps.cv) {
			return false
		}
	}
	ps.busy = true
	return true
}

func (ps *pools) unlock(t *thread) {
	ps.busy = false
	t.s.broadcast(&ps.cv)
}

func (ps *pools) byName(name string) *Pool {
	for _, p := range ps.list {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// setPool binds the zone to a pool (zone_pool_set).
func (z *Zone) setPool(p *Pool) {
	z.pool = p
	z.setPset(p.Pset)
}

// setPset changes the processor set that the zone's processes see; the global
// zone's see every processor (zone_pset_set).
func (z *Zone) setPset(pset int32) {
	if z.psetID == pset {
		return
	}
	if z != z.k.global {
		old := z.psetID
		z.psetID = pset
		if pset != noPset {
			z.ncpus = max(1, z.k.machine.cpus/2) // of every set
		}
		if old != noPset {
			// The old set is removed from the zone's view after the new one was added.
			z.ncpus = 0
		}
	}
	if pset == noPset {
		z.ncpus = 0
	}
}
