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
	ids         [zone.MaxID + 1]atomic.Pointer[Zone]
	names       [nameBuckets]atomic.Pointer[[]*Zone] // replaced whole, never changed
	seed        maphash.Seed
	first, last *Zone // of the active list, through Zone.prev and Zone.next
	roots       pathTree
	count       int
}

// nameBuckets keeps a bucket at two zones when every id is in use.
const nameBuckets = 4096

func (t *table) init() {
	t.seed = maphash.MakeSeed()
	t.roots = newPathTree()
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
	z.prev = t.last
	if t.last == nil {
		t.first = z
	} else {
		t.last.next = z
	}
	t.last = z
	if z.id != zone.GlobalID {
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

// pathTree counts the paths that lie in each directory, so that asking whether
// one lies in or around others doesn't need a look at all of them. Directories end
// in a slash.
type pathTree struct {
	paths map[string]int // the paths themselves
	below map[string]int // directories that they lie in
}

func newPathTree() pathTree { return pathTree{map[string]int{}, map[string]int{}} }

// parents yields the directories that a path lies in, the outermost first.
func parents(path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := 0; i < len(path)-1; i++ {
			if path[i] == '/' && !yield(path[:i+1]) {
				return
			}
		}
	}
}

func (t pathTree) add(path string) {
	t.paths[path]++
	for dir := range parents(path) {
		t.below[dir]++
	}
}

func (t pathTree) remove(path string) {
	drop(t.paths, path)
	for dir := range parents(path) {
		drop(t.below, dir)
	}
}

func drop(counts map[string]int, key string) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}

// around tells that a path of the tree lies in the directory dir.
func (t pathTree) around(dir string) bool { return t.below[dir] > 0 }

// touches tells that dir is a path of the tree, or lies in one, or around one.
func (t pathTree) touches(dir string) bool {
	if t.paths[dir] > 0 || t.around(dir) {
		return true
	}
	for parent := range parents(dir) {
		if t.paths[parent] > 0 {
			return true
		}
	}
	return false
}
