package kernel

import (
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// FindByID returns the zone with an id, held (zone_find_by_id); nil when there is
// none or it is being made or destroyed.
func (s seam) FindByID(id zone.ID) *Zone {
	defer s.k.enter().leave()
	z := s.k.table.visible(id)
	if z != nil {
		z.hold()
	}
	return z
}

// FindByName does so by name (zone_find_by_name).
func (s seam) FindByName(name string) *Zone {
	defer s.k.enter().leave()
	z := s.k.table.byName(name)
	if z == nil || !z.visible() {
		return nil
	}
	z.hold()
	return z
}

// Peek returns the zone with an id in whatever state, not held
// (zone_find_by_id_nolock). It may be called from callbacks.
func (s seam) Peek(id zone.ID) *Zone { return s.k.table.byID(id) }

// Dead returns the zones with an id that wait on the death row for the last
// credentials to go.
func (s seam) Dead(id zone.ID) []*Zone {
	defer s.k.enter().leave()
	var dead []*Zone
	for _, z := range s.k.dead.zones {
		if z.id == id {
			dead = append(dead, z)
		}
	}
	return dead
}

// FindByPath returns the zone, held, in whose root directory a path lies, the
// global one when in no other's (zone_find_by_path). The root directory itself,
// without a slash behind it, is the global zone's.
func (s seam) FindByPath(path string) *Zone {
	defer s.k.enter().leave()
	found := s.k.global
	for z := range s.k.table.all {
		if strings.HasPrefix(path, z.root) {
			found = z
		}
	}
	if !found.visible() {
		found = s.k.global
	}
	found.hold()
	return found
}

// FindByAnyPath does so for zone paths, so that files next to the root directory count too
// (zone_find_by_any_path). With treatAbsolute, a path without a leading slash is taken as
// if it had one.
func (s seam) FindByAnyPath(path string, treatAbsolute bool) *Zone {
	defer s.k.enter().leave()
	skip := 0
	if treatAbsolute && !strings.HasPrefix(path, "/") {
		skip = 1
	}
	found := s.k.global
	for z := range s.k.table.all {
		zonepath := z.root[:strings.LastIndexByte(z.rootDir(), '/')+1]
		if z != s.k.global && strings.HasPrefix(path, zonepath[skip:]) {
			found = z
			break
		}
	}
	found.hold()
	return found
}

// Walk calls f for every zone that exists for the rest of the kernel until it
// returns something else than 0, and returns that (zone_walk). f runs with the
// kernel lock held and may not call the kernel.
func (s seam) Walk(f func(*Zone) int) int {
	defer s.k.enter().leave()
	for z := range s.k.table.all {
		if !z.visible() {
			continue
		}
		if ret := f(z); ret != 0 {
			return ret
		}
	}
	return 0
}

// hostID converts the hardware serial number to a host id like the kernel's string to
// unsigned long, base 10: leading blanks, a sign and trailing characters are allowed, at
// least one digit is required, and overflow is an error.
func (m *machine) hostID() uint32 {
	s := strings.TrimLeft(m.serial, " \t\n\v\f\r")
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	v, err := strconv.ParseUint(s[:end], 10, 64)
	if err != nil {
		return noHostID
	}
	if negative {
		v = -v
	}
	return uint32(v)
}
