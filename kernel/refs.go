package kernel

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// Subsys names the subsystems whose references are counted apart (zone_ref_subsys_t).
var Subsys = [...]string{"NFS", "NFSv4", "SMBFS", "MNTFS", "LOFI", "VFS", "IPC"}

// Ref is a tracked reference to a zone (zone_ref_t). The zero value is ready for
// [Kernel.HoldRef]; after [Kernel.ReleaseRef] it may be used again.
type Ref struct {
	zone   *Zone
	subsys int
}

// hold adds a general reference.
// Preconditions: the kernel lock is held.
func (z *Zone) hold() {
	if z.gone {
		panic("kernel: zone " + z.name + " referenced after its last reference was released")
	}
	z.ref++
}

// release drops a general reference, which may be the last.
// Preconditions: the kernel lock is held.
func (z *Zone) release() {
	if z.ref == 0 {
		panic("kernel: zone " + z.name + " released more often than held")
	}
	z.ref--
	if z.ref == 0 && z.credRef == 0 {
		z.k.freeZone(z)
		return
	}
	if z.unreferenced() && z.Status() >= zone.StatusDead {
		z.k.broadcast(&z.k.destroyCV)
	}
}

func (z *Zone) credHold() { z.credRef++ }

func (z *Zone) credRelease() {
	if z.credRef == 0 {
		panic("kernel: zone " + z.name + " has no credential reference to release")
	}
	z.credRef--
	if z.ref == 0 && z.credRef == 0 {
		z.k.freeZone(z)
		return
	}
	if z.k.waitForCred && z.unreferenced() && z.Status() >= zone.StatusDead {
		z.k.broadcast(&z.k.destroyCV)
	}
}

// unreferenced tells that only the table's own reference is left, so that
// zone_destroy can go on.
func (z *Zone) unreferenced() bool {
	return z.ref == 1 && (!z.k.waitForCred || z.credRef == 0)
}

// Hold adds a reference to a zone for a short time (zone_hold).
func (k *Kernel) Hold(z *Zone) { defer k.enterAs(nil)(); z.hold() }

// Release drops what [Kernel.Hold] added (zone_rele).
func (k *Kernel) Release(z *Zone) { defer k.enterAs(nil)(); z.release() }

// CredHold adds a reference as a credential does (zone_cred_hold).
func (k *Kernel) CredHold(z *Zone) { defer k.enterAs(nil)(); z.credHold() }

// CredRelease drops what [Kernel.CredHold] added (zone_cred_rele).
func (k *Kernel) CredRelease(z *Zone) { defer k.enterAs(nil)(); z.credRelease() }

// HoldRef adds a reference on behalf of a subsystem, an index into [Subsys]
// (zone_hold_ref). It panics when ref is in use.
func (k *Kernel) HoldRef(z *Zone, ref *Ref, subsys int) {
	defer k.enterAs(nil)()
	if ref.zone != nil {
		panic("kernel: a zone reference in use was used again for zone " + z.name)
	}
	z.hold()
	z.subsys[subsys]++
	ref.zone, ref.subsys = z, subsys
}

// ReleaseRef drops what [Kernel.HoldRef] added (zone_rele_ref). It panics when
// ref holds nothing.
func (k *Kernel) ReleaseRef(ref *Ref) {
	defer k.enterAs(nil)()
	z := ref.zone
	if z == nil {
		panic("kernel: a zone reference was released twice")
	}
	ref.zone = nil
	z.subsys[ref.subsys]--
	z.release()
}

// logRefs tells who still holds a zone that is to go away.
// Preconditions: the kernel lock is held.
func (z *Zone) logRefs() {
	z.setFlag(zone.FlagRefcountsLogged)
	var held []string
	for i, n := range z.subsys {
		if n != 0 {
			held = append(held, fmt.Sprintf("%s: %d", Subsys[i], n))
		}
	}
	text := fmt.Sprintf("Zone '%s' (ID: %d) is shutting down, but %d zone references and %d credential references are still extant",
		z.name, z.id, z.ref, z.credRef)
	if held != nil {
		text += " [" + strings.Join(held, ",") + "]"
	}
	z.k.log(text)
}
