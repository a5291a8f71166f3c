package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// list stores the ids of the zones that the caller sees, as many as fit
// into its array, and how many there are (zone_list).
func (p *Proc) list(ids, count buffer) (int64, errno.Errno) {
	room, ok := count.inUint32(0)
	if !ok {
		return fail(errno.EFAULT)
	}
	raw := p.listIDs(nil)
	n := uint64(len(raw) / 4)
	if !count.outUint(0, n, 4) {
		return fail(errno.EFAULT)
	}
	fits := min(uint64(room), n)
	if !ids.null() && !ids.out(0, raw[:4*fits]) {
		return fail(errno.EFAULT)
	}
	return 0, 0
}

// listIDs appends the ids, four bytes each.
func (p *Proc) listIDs(raw []byte) []byte {
	if own := p.zone.Load(); own != p.k.global {
		return binary.LittleEndian.AppendUint32(raw, uint32(own.id))
	}
	for z := range p.k.table.all {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(z.id))
	}
	return raw
}

// lookup finds a zone by its name (zone_lookup); a null pointer asks for the
// caller's own. It needs no lock.
func (p *Proc) lookup(in buffer) (int64, errno.Errno) {
	if in.null() {
		return int64(p.zone.Load().id), 0
	}
	name, e := in.inString(zone.NameMax)
	if e != 0 {
		return fail(e)
	}
	return p.lookupName(name)
}

func (p *Proc) lookupName(name string) (int64, errno.Errno) {
	z := p.k.table.byName(name)
	if z == nil || z.Status() < zone.StatusReady || !p.canSee(z) {
		return fail(errno.EINVAL)
	}
	return int64(z.id), 0
}
