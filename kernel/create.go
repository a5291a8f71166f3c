package kernel

import (
	"fmt"

	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// create makes a zone and waits until its zsched has it ready (zone_create). The
// order of the checks is part of the interface: the first that fails decides.
func (p *Proc) create(t *thread, a *createArgs) (zone.ID, error) {
	k := p.k
	if !p.mayConfig() {
		return -1, errno.EPERM
	}
	if p.root != "" {
		return -1, a.explain(errno.ENOTSUP, zone.ExtChrooted)
	}
	id, err := k.takeID()
	if err != nil {
		return -1, err
	}
	var undos undo.Stack
	defer undos.Run()
	z := newZone(k, id)
	undos.Add(z.free)
	rctls, err := z.configure(t, a)
	if err != nil {
		return -1, a.explain(err, zone.ExtUnknown)
	}
	if e := z.datasets.parse(a.datasets, a.datasetsSize); e != 0 {
		return -1, e
	}
	if !p.spec.Agent && k.faults.HoldLWPs {
		// No errno has been set by then: the C code returns 0.
		return 0, a.explain(nil, zone.ExtUnknown)
	}
	z.mounting.blockSig(t) // no other thread knows the zone: this never waits
	z.kcred = newCred(z, kernelSet.Intersect(z.privset), kernelSet.Intersect(z.privset))
	undos.Drop()
	undos.Add(func() {
		z.mounting.resume(t)
		z.dropKcred() // the only reference: frees the zone
	})
	if err := k.table.mayInsert(z); err != nil {
		return -1, a.explain(err, zone.ExtUnknown)
	}
	if k.mounts.points.around(z.root) {
		return -1, a.explain(errno.EBUSY, zone.ExtMounts)
	}
	k.table.insert(z)
	undos.Add(func() { k.table.remove(z) })
	if err := k.startZsched(t, z, rctls); err != nil {
		return -1, a.explain(err, zone.ExtUnknown)
	}
	undos.Drop()
	z.stats.kstats = !k.faults.KstatCreate
	z.await(t, zone.StatusReady)
	z.mounting.resume(t)
	return id, nil
}

// takeID allocates a zone id whose network stack is no longer in use. Ids that can't be
// used are skipped, so that the next creation doesn't try them first.
func (k *Kernel) takeID() (zone.ID, error) {
	var start zone.ID
	for {
		id := k.ids.alloc()
		if id == 0 {
			return 0, errno.ENFILE
		}
		if !k.netstacks.inUse(id) {
			return id, nil
		}
		k.ids.free(id)
		if start == 0 {
			start = id
		} else if id == start {
			k.log("WARNING: zone_create() failed: all available zone IDs have netstacks still in use")
			return 0, errno.ENFILE
		}
		k.log(fmt.Sprintf("WARNING: unable to reuse zone ID %d; netstack still in use", id))
	}
}

// configure gives a zone what the arguments of zone_create say, and returns the
// values of its controls.
func (z *Zone) configure(t *thread, a *createArgs) ([]rctlList, error) {
	if a.flags&zone.CreateNetExcl != 0 {
		z.setFlag(zone.FlagNetExcl)
	}
	if e := z.setName(a.name); e != 0 {
		return nil, e
	}
	if err := z.setRoot(t, a.root); err != nil {
		return nil, err
	}
	if e := z.setPrivs(a.privs, a.privsSize); e != 0 {
		return nil, e
	}
	z.nodename = z.name
	// The C code resets the flags of the global zone here and leaves the new
	// zone's all zero. Seen from outside, so kept.
	z.k.global.secflags = secflags.Default()
	rctls, e := parseRctls(a.rctls, a.rctlsSize)
	if e != 0 {
		return nil, e
	}
	return rctls, nil
}

// dropKcred drops the credential of a zone's kernel threads.
func (z *Zone) dropKcred() {
	cred := z.kcred
	z.kcred = nil
	cred.release()
}
