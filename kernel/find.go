package kernel

import (
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// FindByID returns the zone with an id, held (zone_find_by_id); nil when there is
// none or it is being made or destroyed.
func (k *Kernel) FindByID(id zone.ID) *Zone {
	defer k.enterAs(nil)()
	z := k.find(id)
	if z != nil {
		z.hold()
	}
	return z
}

// FindByName does so by name (zone_find_by_name).
func (k *Kernel) FindByName(name string) *Zone {
	defer k.enterAs(nil)()
	z := k.table.byName(name)
	if z == nil || !z.visible() {
		return nil
	}
	z.hold()
	return z
}

// Peek returns the zone with an id in whatever state, not held
// (zone_find_by_id_nolock). It may be called from callbacks.
func (k *Kernel) Peek(id zone.ID) *Zone { return k.table.byID(id) }

// FindByPath returns the zone, held, in whose root directory a path lies, the
// global one when in no other's (zone_find_by_path). The root directory itself,
// without a slash behind it, is the global zone's.
func (k *Kernel) FindByPath(path string) *Zone {
	defer k.enterAs(nil)()
	found := k.global
	for z := range k.all {
		if strings.HasPrefix(path, z.root) {
			found = z
		}
	}
	if !found.visible() {
		found = k.global
	}
	found.hold()
	return found
}

// FindByAnyPath does so for zone paths: what lies beside the root directory
// counts too (zone_find_by_any_path). With treatAbsolute a path without a slash
// in front is taken as if it had one.
func (k *Kernel) FindByAnyPath(path string, treatAbsolute bool) *Zone {
	defer k.enterAs(nil)()
	skip := 0
	if treatAbsolute && !strings.HasPrefix(path, "/") {
		skip = 1
	}
	for z := range k.all {
		if z == k.global {
			continue
		}
		zonepath := z.root[:strings.LastIndexByte(trimRoot(z), '/')+1]
		if strings.HasPrefix(path, zonepath[skip:]) {
			z.hold()
			return z
		}
	}
	k.global.hold()
	return k.global
}

// Walk calls f for every zone that exists for the rest of the kernel until it
// returns something else than 0, and returns that (zone_walk). f runs with the
// kernel lock held and may not call the kernel.
func (k *Kernel) Walk(f func(*Zone) int) int {
	defer k.enterAs(nil)()
	for z := range k.all {
		if !z.visible() {
			continue
		}
		if ret := f(z); ret != 0 {
			return ret
		}
	}
	return 0
}

// HostID returns a zone's 32-bit host id, the machine's when it has none or z is
// nil (zone_get_hostid).
func (k *Kernel) HostID(z *Zone) uint32 {
	defer k.enterAs(nil)()
	if z != nil && z.hostid != noHostID {
		return z.hostid
	}
	serial, ok := parseSerial(k.serial)
	if !ok {
		return noHostID
	}
	return uint32(serial)
}

// parseSerial reads a number as the kernel's string to unsigned long does, base
// 10: blanks and a sign in front, anything behind; at least one digit; no overflow.
func parseSerial(s string) (uint64, bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	v, err := strconv.ParseUint(s[:end], 10, 64)
	if err != nil {
		return 0, false
	}
	if negative {
		v = -v
	}
	return v, true
}

// DatasetVisible tells whether a process sees a ZFS dataset and may write to it
// (zone_dataset_visible): delegated ones and what is below them may be written,
// their parents and those mounted into the zone only seen. A zone without mounts
// sees none of the last kind; the C code would crash there.
func (p *Proc) DatasetVisible(dataset string) (visible, writable bool) {
	defer p.k.enterAs(nil)()
	z := p.zone.Load()
	if dataset == "" {
		return false, false
	}
	for _, own := range z.datasets {
		if rest, ok := strings.CutPrefix(dataset, own); ok && (rest == "" || rest[0] == '/' || rest[0] == '@') {
			return true, true
		}
	}
	parent := strings.TrimSuffix(dataset, "/")
	isParent := func(of string) bool {
		return len(parent) < len(of) && strings.HasPrefix(of, parent) && of[len(parent)] == '/'
	}
	for _, own := range z.datasets {
		if isParent(own) {
			return true, false
		}
	}
	for _, m := range p.k.mounts {
		if m.zone == z && m.fstype == "zfs" && (m.resource == dataset || isParent(m.resource)) {
			return true, false
		}
	}
	return false, false
}
