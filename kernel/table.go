package kernel

import (
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/gozones/zones/sys/zone"
)

// table holds the active zones by id, by name and in the order they were made.
// It is changed under the kernel lock; byID and byName may be read without it.
type table struct {
	ids    [zone.MaxID + 1]atomic.Pointer[Zone]
	names  [nameBuckets]atomic.Pointer[[]*Zone] // replaced whole, never changed
	seed   maphash.Seed
	active zoneList
	count  int
}

// nameBuckets keeps a bucket at two zones when every id is in use.
const nameBuckets = 4096

// zoneList is a list with removal from the middle in constant time.
type zoneList struct {
	head, tail *listed
	where      map[*Zone]*listed
}

type listed struct {
	zone       *Zone
	prev, next *listed
}

func (l *zoneList) append(z *Zone) {
	e := &listed{zone: z, prev: l.tail}
	if l.tail == nil {
		l.head = e
	} else {
		l.tail.next = e
	}
	l.tail = e
	l.where[z] = e
}

func (l *zoneList) remove(z *Zone) {
	e := l.where[z]
	delete(l.where, z)
	if e.prev == nil {
		l.head = e.next
	} else {
		e.prev.next = e.next
	}
	if e.next == nil {
		l.tail = e.prev
	} else {
		e.next.prev = e.prev
	}
}

func (t *table) init() {
	t.seed = maphash.MakeSeed()
	t.active.where = map[*Zone]*listed{}
}

func (t *table) byID(id zone.ID) *Zone {
	if id < 0 || int(id) >= len(t.ids) {
		return nil
	}
	return t.ids[id].Load()
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

func (t *table) insert(z *Zone) {
	t.ids[z.id].Store(z)
	bucket := t.bucket(z.name)
	var zones []*Zone
	if old := bucket.Load(); old != nil {
		zones = slices.Clone(*old)
	}
	zones = append(zones, z)
	bucket.Store(&zones)
	t.active.append(z)
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
	t.active.remove(z)
	t.count--
}

// all yields the active zones in the order they were made.
// Preconditions: the kernel lock is held.
func (t *table) all(yield func(*Zone) bool) {
	for e := t.active.head; e != nil; e = e.next {
		if !yield(e.zone) {
			return
		}
	}
}

// idSpace gives out zone ids upwards from the last one and wraps (id_space with
// next-fit): an id comes back as late as can be.
type idSpace struct {
	used [zone.MaxID]bool
	last zone.ID
	left int
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
