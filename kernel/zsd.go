package kernel

import (
	"slices"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// ZSD holds the callbacks of a zone-specific data key; each may be nil. They are
// called once per zone and without the kernel lock. Create returns the zone's
// data. A callback that returns [host.ErrNotYet] is called again after
// [Kernel.Retry].
type ZSD struct {
	Create   func(zone.ID) (data any, err error)
	Shutdown func(id zone.ID, data any) error
	Destroy  func(id zone.ID, data any) error
}

// Key names zone-specific data; 0 names none.
type Key uint64

// zsdKey is a registered key: the template for zones that are made.
type zsdKey struct {
	key       Key
	callbacks ZSD
}

// zsdEntry is a key's data in one zone. flags say which callbacks must be made,
// are being made and have been made, with the values of the C code.
type zsdEntry struct {
	key       Key
	data      any
	callbacks ZSD
	flags     uint32
	cv        waitq
}

const (
	zsdCreateNeeded       = 0x001 // ZSD_CREATE_NEEDED
	zsdCreateInProgress   = 0x002 // ZSD_CREATE_INPROGRESS
	zsdCreateCompleted    = 0x004 // ZSD_CREATE_COMPLETED
	zsdShutdownNeeded     = 0x010 // ZSD_SHUTDOWN_NEEDED
	zsdShutdownInProgress = 0x020 // ZSD_SHUTDOWN_INPROGRESS
	zsdShutdownCompleted  = 0x040 // ZSD_SHUTDOWN_COMPLETED
	zsdDestroyNeeded      = 0x100 // ZSD_DESTROY_NEEDED
	zsdDestroyInProgress  = 0x200 // ZSD_DESTROY_INPROGRESS
	zsdDestroyCompleted   = 0x400 // ZSD_DESTROY_COMPLETED

	zsdShutdownAll   = zsdShutdownNeeded | zsdShutdownInProgress | zsdShutdownCompleted
	zsdDestroyAll    = zsdDestroyNeeded | zsdDestroyInProgress | zsdDestroyCompleted
	zsdAllInProgress = zsdCreateInProgress | zsdShutdownInProgress | zsdDestroyInProgress
)

// zsdPhase is one of the three kinds of callback.
type zsdPhase struct {
	needed, inProgress, completed uint32
	waitCreated                   bool // not before a needed create has begun
	call                          func(*zsdEntry, zone.ID) error
}

var (
	zsdCreate = &zsdPhase{zsdCreateNeeded, zsdCreateInProgress, zsdCreateCompleted, false,
		func(e *zsdEntry, id zone.ID) error {
			data, err := e.callbacks.Create(id)
			e.data = data
			return err
		}}
	zsdShutdown = &zsdPhase{zsdShutdownNeeded, zsdShutdownInProgress, zsdShutdownCompleted, true,
		func(e *zsdEntry, id zone.ID) error { return e.callbacks.Shutdown(id, e.data) }}
	zsdDestroy = &zsdPhase{zsdDestroyNeeded, zsdDestroyInProgress, zsdDestroyCompleted, true,
		func(e *zsdEntry, id zone.ID) error {
			err := e.callbacks.Destroy(id, e.data)
			if err == nil {
				e.data = nil
			}
			return err
		}}
)

func (z *Zone) zsdFind(key Key) *zsdEntry {
	for _, e := range z.zsd {
		if e.key == key {
			return e
		}
	}
	return nil
}

// zsdTouch finds an entry and moves it to the front: the list is kept in order
// of last use.
func (z *Zone) zsdTouch(key Key) *zsdEntry {
	for i, e := range z.zsd {
		if e.key == key {
			copy(z.zsd[1:], z.zsd[:i])
			z.zsd[0] = e
			return e
		}
	}
	return nil
}

func newZSDEntry(key *zsdKey) *zsdEntry {
	e := &zsdEntry{key: key.key, callbacks: key.callbacks}
	if key.callbacks.Create != nil {
		e.flags = zsdCreateNeeded
	}
	return e
}

// KeyCreate registers callbacks, makes the data of every zone there is and
// returns the key (zone_key_create).
func (k *Kernel) KeyCreate(callbacks ZSD) Key {
	t := k.enter(nil)
	defer k.leave(t)
	k.lastKey++
	key := &zsdKey{Key(k.lastKey), callbacks}
	k.keys = append(k.keys, key)
	for z := range k.all {
		if s := z.Status(); s >= zone.StatusDown || s == zone.StatusUninitialized || z.zsdTouch(key.key) != nil {
			continue
		}
		z.zsd = append(z.zsd, newZSDEntry(key))
	}
	if callbacks.Create != nil {
		k.zsdApplyZones(t, zsdCreate, key.key)
	}
	return key.key
}

// KeyDelete unregisters a key after its shutdown and destroy callbacks have been
// made in every zone; false when there is no such key (zone_key_delete).
func (k *Kernel) KeyDelete(key Key) bool {
	t := k.enter(nil)
	defer k.leave(t)
	i := slices.IndexFunc(k.keys, func(o *zsdKey) bool { return o.key == key })
	if i < 0 {
		return false
	}
	k.keys = slices.Delete(k.keys, i, i+1)
	for z := range k.all {
		if e := z.zsdTouch(key); e != nil {
			e.need(zsdShutdown)
			e.need(zsdDestroy)
		}
	}
	k.zsdApplyZones(t, zsdShutdown, key)
	k.zsdApplyZones(t, zsdDestroy, key)
	for z := range k.all {
		z.zsd = slices.DeleteFunc(z.zsd, func(e *zsdEntry) bool { return e.key == key })
	}
	return true
}

// need marks a shutdown or destroy callback, unless it was marked before.
func (e *zsdEntry) need(phase *zsdPhase) {
	registered, all := e.callbacks.Shutdown != nil, uint32(zsdShutdownAll)
	if phase == zsdDestroy {
		registered, all = e.callbacks.Destroy != nil, zsdDestroyAll
	}
	if registered && e.flags&all == 0 {
		e.flags |= phase.needed
	}
}

// GetSpecific returns a zone's data of a key, nil when there is none
// (zone_getspecific).
func (k *Kernel) GetSpecific(key Key, z *Zone) any {
	defer k.enterAs(nil)()
	if e := z.zsdTouch(key); e != nil {
		return e.data
	}
	return nil
}

// SetSpecific replaces it; false when the key isn't registered (zone_setspecific).
func (k *Kernel) SetSpecific(key Key, z *Zone, data any) bool {
	defer k.enterAs(nil)()
	e := z.zsdTouch(key)
	if e == nil {
		return false
	}
	e.data = data
	return true
}

// zsdConfigure gives a new zone an entry for every registered key.
func (z *Zone) zsdConfigure() {
	for _, key := range z.k.keys {
		z.zsd = append(z.zsd, newZSDEntry(key))
	}
}

// zsdCallbacks makes a zone's callbacks of a phase, and those that another
// caller has marked meanwhile.
func (k *Kernel) zsdCallbacks(t *thread, z *Zone, phase *zsdPhase) {
	for _, e := range z.zsd {
		e.need(phase)
	}
	k.zsdApplyKeys(t, z, zsdShutdown)
	k.zsdApplyKeys(t, z, zsdDestroy)
}

// zsdApplyZones makes a key's callback in every zone. Whenever the lock was given
// up it starts over: the lists may be others by then, and what is done is marked.
func (k *Kernel) zsdApplyZones(t *thread, phase *zsdPhase, key Key) {
	for z := k.first; z != nil; {
		if k.zsdApply(t, phase, z, key) {
			z = k.first
		} else {
			z = z.next
		}
	}
}

// zsdApplyKeys makes a callback for every key of a zone, in the same manner.
func (k *Kernel) zsdApplyKeys(t *thread, z *Zone, phase *zsdPhase) {
	for i := 0; i < len(z.zsd); {
		if k.zsdApply(t, phase, z, z.zsd[i].key) {
			i = 0
		} else {
			i++
		}
	}
}

// zsdApply makes one callback where it is needed, after waiting for one that is
// being made. It reports true when the lists may have changed meanwhile.
func (k *Kernel) zsdApply(t *thread, phase *zsdPhase, z *Zone, key Key) (dropped bool) {
	e := z.zsdFind(key)
	if e == nil {
		return false // somebody else has come first: the zone is going away
	}
	if phase.waitCreated {
		for e.flags&zsdCreateNeeded != 0 {
			dropped = true
			k.wait(t, &e.cv)
		}
	}
	for e.flags&zsdAllInProgress != 0 {
		dropped = true
		k.wait(t, &e.cv)
	}
	if e.flags&phase.needed == 0 {
		return dropped
	}
	e.flags = e.flags&^phase.needed | phase.inProgress
	k.insist(t, func() error { return phase.call(e, z.id) })
	e.flags = e.flags&^phase.inProgress | phase.completed
	k.broadcast(&e.cv)
	return true
}

// insist makes a call outside, again after every Retry as long as it answers
// that it is not yet possible.
func (k *Kernel) insist(t *thread, call func() error) (err error) {
	for {
		k.outside(t, func() { err = call() })
		if err != host.ErrNotYet {
			return err
		}
		k.wait(t, &k.retryCV)
	}
}
