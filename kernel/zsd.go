package kernel

import (
	"slices"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/sys/zone"
)

// zsdKeys are the registered keys of zone-specific data.
type zsdKeys struct {
	keys []*zsdKey
	last kernelseam.Key
}

// zsdKey is a registered key: the template for zones that are made.
type zsdKey struct {
	key       kernelseam.Key
	callbacks kernelseam.ZSD
}

// zsdEntry is a key's data in one zone. flags say which callbacks must be made,
// are being made and have been made, with the values of the C code.
type zsdEntry struct {
	key       kernelseam.Key
	data      any
	callbacks kernelseam.ZSD
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

// zsdList is the data of a zone, in order of last use.
type zsdList []*zsdEntry

func (l zsdList) find(key kernelseam.Key) *zsdEntry {
	for _, e := range l {
		if e.key == key {
			return e
		}
	}
	return nil
}

// touch finds an entry and moves it to the front.
func (l zsdList) touch(key kernelseam.Key) *zsdEntry {
	for i, e := range l {
		if e.key == key {
			copy(l[1:], l[:i])
			l[0] = e
			return e
		}
	}
	return nil
}

// add gives a zone an entry for each key.
func (l *zsdList) add(keys ...*zsdKey) {
	for _, key := range keys {
		e := &zsdEntry{key: key.key, callbacks: key.callbacks}
		if key.callbacks.Create != nil {
			e.flags = zsdCreateNeeded
		}
		*l = append(*l, e)
	}
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

// zsdCreateKey registers callbacks, makes the data of every zone there is and
// returns the key (zone_key_create).
func (k *Kernel) zsdCreateKey(t *thread, callbacks kernelseam.ZSD) kernelseam.Key {
	k.zsd.last++
	key := &zsdKey{k.zsd.last, callbacks}
	k.zsd.keys = append(k.zsd.keys, key)
	for z := range k.table.all {
		if s := z.Status(); s < zone.StatusDown && s != zone.StatusUninitialized {
			z.zsd.add(key)
		}
	}
	if callbacks.Create != nil {
		k.zsdApplyZones(t, zsdCreate, key.key)
	}
	return key.key
}

// zsdDeleteKey unregisters a key after its shutdown and destroy callbacks have been
// made in every zone; false when there is no such key (zone_key_delete).
func (k *Kernel) zsdDeleteKey(t *thread, key kernelseam.Key) bool {
	i := slices.IndexFunc(k.zsd.keys, func(o *zsdKey) bool { return o.key == key })
	if i < 0 {
		return false
	}
	k.zsd.keys = slices.Delete(k.zsd.keys, i, i+1)
	for z := range k.table.all {
		if e := z.zsd.touch(key); e != nil {
			e.need(zsdShutdown)
			e.need(zsdDestroy)
		}
	}
	k.zsdApplyZones(t, zsdShutdown, key)
	k.zsdApplyZones(t, zsdDestroy, key)
	for z := range k.table.all {
		z.zsd = slices.DeleteFunc(z.zsd, func(e *zsdEntry) bool { return e.key == key })
	}
	return true
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
func (k *Kernel) zsdApplyZones(t *thread, phase *zsdPhase, key kernelseam.Key) {
	for z := k.table.first; z != nil; {
		if k.zsdApply(t, phase, z, key) {
			z = k.table.first
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

// zsdApply makes one callback if it is needed, after waiting for a callback in progress.
// It reports true if the lists may have changed meanwhile.
func (k *Kernel) zsdApply(t *thread, phase *zsdPhase, z *Zone, key kernelseam.Key) (dropped bool) {
	e := z.zsd.find(key)
	if e == nil {
		return false // another thread has come first: the zone is being destroyed
	}
	if phase.waitCreated {
		for e.flags&zsdCreateNeeded != 0 {
			dropped = true
			t.wait(&e.cv)
		}
	}
	for e.flags&zsdAllInProgress != 0 {
		dropped = true
		t.wait(&e.cv)
	}
	if e.flags&phase.needed == 0 {
		return dropped
	}
	e.flags = e.flags&^phase.needed | phase.inProgress
	_ = k.insist(t, func() error { return phase.call(e, z.id) })
	e.flags = e.flags&^phase.inProgress | phase.completed
	t.s.broadcast(&e.cv)
	return true
}
