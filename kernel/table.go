package kernel

import (
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// table holds the active zones by id, by name and in the order they were made.
// It is changed under the kernel lock; byID and byName may be called without it.
type table struct {
	ids         [zone.MaxID + 1]atomic.Pointer[Zone]
	names       [nameBuckets]atomic.Pointer[[]*Zone] // replaced whole, never changed
	seed        maphash.Seed
	first, last *Zone // of the active list, through Zone.prev and Zone.next
	roots       pathTree
	count, max  int    // zones, the global one included
	uniqid      uint64 // of the next zone
}

// nameBuckets keeps a bucket at two zones when every id is in use.
const nameBuckets = 4096

func (t *table) init(most int) {
	t.seed = maphash.MakeSeed()
	t.roots = newPathTree()
	t.max = most
}

// byID returns the zone with an id in whatever state, nil when there is none.
func (t *table) byID(id zone.ID) *Zone {
	if id < 0 || int(id) >= len(t.ids) {
		return nil
	}
	return t.ids[id].Load()
}

// visible returns the zone with an id if it exists for the rest of the kernel.
func (t *table) visible(id zone.ID) *Zone {
	if z := t.byID(id); z != nil && z.visible() {
		return z
	}
	return nil
}

func (t *table) bucket(name string) *atomic.Pointer[[]*Zone] {
	return &t.names[maphash.String(t.seed, name)%nameBuckets]
}

func (t *table) byName(name string) *Zone {
	zones := t.bucket(name).Load()
	if zones == nil {
		return nil
	}
	for _, z := range *zones {
		if z.name == name {
			return z
		}
	}
	return nil
}

// mayInsert checks what depends on the other zones: name, root, number.
func (t *table) mayInsert(z *Zone) error {
	if other := t.byName(z.name); other != nil {
		if s := other.Status(); s == zone.StatusReady || s == zone.StatusRunning {
			return errno.EEXIST
		}
		return errno.EBUSY
	}
	if z.root == "//" || t.roots.touches(z.root) { // the machine's own, or in or around another's
		return errno.EBUSY
	}
	if t.count+1 > t.max {
		return errno.ENOMEM
	}
	return nil
}

func (t *table) insert(z *Zone) {
	t.ids[z.id].Store(z)
	bucket := t.bucket(z.name)
	var zones []*Zone
	if old := bucket.Load(); old != nil {
		zones = slices.Clone(*old)
	}
	zones = append(zones, z)
	bucket.Store(&zones)
	z.prev = t.last
	if t.last == nil {
		t.first = z
	} else {
		t.last.next = z
	}
	t.last = z
	if !z.isGlobal() {
		t.roots.add(z.root)
	}
	t.count++
}

func (t *table) remove(z *Zone) {
	t.ids[z.id].Store(nil)
	bucket := t.bucket(z.name)
	zones := slices.DeleteFunc(slices.Clone(*bucket.Load()), func(o *Zone) bool { return o == z })
	if len(zones) == 0 {
		bucket.Store(nil)
	} else {
		bucket.Store(&zones)
	}
	if z.prev == nil {
		t.first = z.next
	} else {
		z.prev.next = z.next
	}
	if z.next == nil {
		t.last = z.prev
	} else {
		z.next.prev = z.prev
	}
	z.prev, z.next = nil, nil
	t.roots.remove(z.root)
	t.count--
}

// all yields the active zones in the order they were made.
// Preconditions: the kernel lock is held.
func (t *table) all(yield func(*Zone) bool) {
	for z := t.first; z != nil; z = z.next {
		if !yield(z) {
			return
		}
	}
}

// number gives a zone the number that no other ever has.
func (t *table) number(z *Zone) {
	z.uniqid.Store(t.uniqid)
	t.uniqid++
}

// idSpace gives out zone ids upwards from the last one and wraps (id_space with
// next-fit): an id is given out again as late as possible.
type idSpace struct {
	used       [zone.MaxID]bool
	last       zone.ID
	left       int
	generation uint64 // of the zone made last
}

func (s *idSpace) init() { s.left = len(s.used) - 1 }

// alloc returns the next free id, 0 when there is none.
func (s *idSpace) alloc() zone.ID {
	if s.left == 0 {
		return 0
	}
	for {
		s.last++
		if s.last >= zone.MaxID {
			s.last = 1
		}
		if !s.used[s.last] {
			s.used[s.last] = true
			s.left--
			return s.last
		}
	}
}

func (s *idSpace) free(id zone.ID) {
	if s.used[id] {
		s.used[id] = false
		s.left++
	}
}

// nextGeneration counts the zones made, so that an id which is given out again
// doesn't name the same zone.
func (s *idSpace) nextGeneration() uint64 {
	s.generation++
	return s.generation
}

// netstacks are the ids whose network stacks are still in use, so that no new zone
// may have them.
type netstacks struct {
	busy map[zone.ID]bool
	all  bool
}

func (n *netstacks) inUse(id zone.ID) bool { return n.all || n.busy[id] }

// set says whether one is in use; every one with zone.AllZones.
func (n *netstacks) set(id zone.ID, inUse bool) {
	if id == zone.AllZones {
		n.all = inUse
		clear(n.busy)
		return
	}
	n.busy[id] = inUse
}
