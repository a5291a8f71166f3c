package kernel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/sys/zone"
)

// refs are the references to a zone.
type refs struct {
	general uint32
	creds   uint32                         // from credentials
	subsys  [len(kernelseam.Subsys)]uint32 // the part of general that subsystems hold
	gone    bool                           // the zone was freed: a reference taken now would be a bug
}

// deathrow has the zones that have been destroyed but for their last references.
type deathrow struct {
	zones       []*Zone
	destroyCV   waitq // a zone may have lost its last reference but the table's
	waitForCred bool  // zone_destroy waits for references from credentials too
}

func (d *deathrow) add(z *Zone) { d.zones = append(d.zones, z) }

func (d *deathrow) remove(z *Zone) {
	d.zones = slices.DeleteFunc(d.zones, func(o *Zone) bool { return o == z })
}

// hold adds a general reference.
// Preconditions: the kernel lock is held.
func (z *Zone) hold() {
	if z.refs.gone {
		panic("kernel: zone " + z.name + " referenced after its last reference was released")
	}
	z.refs.general++
}

// release drops a general reference, which may be the last.
// Preconditions: the kernel lock is held.
func (z *Zone) release() {
	if z.refs.general == 0 {
		panic("kernel: zone " + z.name + " released more often than held")
	}
	z.refs.general--
	z.released(true)
}

func (z *Zone) credHold() { z.refs.creds++ }

func (z *Zone) credRelease() {
	if z.refs.creds == 0 {
		panic("kernel: zone " + z.name + " has no credential reference to release")
	}
	z.refs.creds--
	z.released(z.k.dead.waitForCred)
}

// released frees a zone that has lost its last reference. awaited says that its
// destruction may have waited for the reference that was dropped.
func (z *Zone) released(awaited bool) {
	if z.refs.general == 0 && z.refs.creds == 0 {
		z.free()
		return
	}
	if awaited && z.unreferenced() && z.Status() >= zone.StatusDead {
		z.k.sched.broadcast(&z.k.dead.destroyCV)
	}
}

// unreferenced reports whether only the table's own reference is left, so that
// zone_destroy can continue.
func (z *Zone) unreferenced() bool {
	return z.refs.general == 1 && (!z.k.dead.waitForCred || z.refs.creds == 0)
}

// logRefs logs which references to a zone that is being destroyed are left.
// Preconditions: the kernel lock is held.
func (z *Zone) logRefs() {
	z.setFlag(zone.FlagRefcountsLogged)
	var held []string
	for i, n := range z.refs.subsys {
		if n != 0 {
			held = append(held, fmt.Sprintf("%s: %d", kernelseam.Subsys[i], n))
		}
	}
	text := fmt.Sprintf("Zone '%s' (ID: %d) is shutting down, but %d zone references and %d credential references are still extant",
		z.name, z.id, z.refs.general, z.refs.creds)
	if held != nil {
		text += " [" + strings.Join(held, ",") + "]"
	}
	z.k.log(text)
}
