package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.System = (*Proc)(nil)

func cString(s string) []byte { return append([]byte(s), 0) }

// Create makes a zone and leaves it ready; see [zone.System].
func (p *Proc) Create(def *zone.Def) (zone.ID, error) {
	t := p.enter()
	defer t.leave()
	var ext [4]byte
	a := &createArgs{
		name:      slice(cString(def.Name)),
		root:      slice(cString(def.Root)),
		privs:     slice(setBytes(def.Privs)),
		privsSize: priv.SetSize,
		rctls:     slice(def.Rctls),
		rctlsSize: uint64(len(def.Rctls)),
		extended:  slice(ext[:]),
		flags:     def.Flags,
	}
	if def.Datasets != "" {
		a.datasets = slice(cString(def.Datasets))
		a.datasetsSize = uint64(len(def.Datasets)) + 1
	}
	id, err := p.create(t, a)
	if err != nil {
		return -1, because(&zone.Error{Op: "zone_create", Name: def.Name, Ext: zone.ExtendedError(int32(binary.LittleEndian.Uint32(ext[:])))}, err)
	}
	return id, nil
}

// onZone makes a call that has a zone's id and nothing else.
func (p *Proc) onZone(op string, id zone.ID, call func(*thread, zone.ID) error) error {
	t := p.enter()
	defer t.leave()
	return callError(op, id, call(t, id))
}

// Boot starts init in a ready zone; see [zone.System].
func (p *Proc) Boot(id zone.ID) error { return p.onZone("zone_boot", id, p.boot) }

// Shutdown ends everything in a zone; see [zone.System].
func (p *Proc) Shutdown(id zone.ID) error { return p.onZone("zone_shutdown", id, p.shutdown) }

// Destroy removes a zone that is down; see [zone.System].
func (p *Proc) Destroy(id zone.ID) error { return p.onZone("zone_destroy", id, p.destroy) }

// Enter moves p into a zone for good; see [zone.System].
func (p *Proc) Enter(id zone.ID) error { return p.onZone("zone_enter", id, p.enterZone) }

// Getattr copies an attribute; see [zone.System]. Status, unique id, name and
// flags are read without a lock and without allocating.
func (p *Proc) Getattr(id zone.ID, attr zone.Attr, buf []byte) (int, error) {
	n, e, ok := p.getattrFast(id, attr, slice(buf), uint64(len(buf)))
	if !ok {
		n, e = p.getattrSlow(id, attr, slice(buf), uint64(len(buf)))
	}
	if e != 0 {
		return 0, callError("zone_getattr", id, e)
	}
	return int(n), nil
}

func (p *Proc) getattrSlow(id zone.ID, attr zone.Attr, out buffer, size uint64) (int64, errno.Errno) {
	t := p.enter()
	defer t.leave()
	return p.getattr(t, id, attr, out, size)
}

// Setattr sets an attribute; see [zone.System].
func (p *Proc) Setattr(id zone.ID, attr zone.Attr, buf []byte) error {
	t := p.enter()
	defer t.leave()
	return callError("zone_setattr", id, p.setattr(t, id, attr, slice(buf), uint64(len(buf))))
}

// List fills ids; see [zone.System].
func (p *Proc) List(ids []zone.ID) (int, error) {
	t := p.enter()
	raw := p.listIDs(nil)
	t.leave()
	n := len(raw) / 4
	for i := range min(n, len(ids)) {
		ids[i] = zone.ID(int32(binary.LittleEndian.Uint32(raw[4*i:])))
	}
	return n, nil
}

// Lookup finds a zone by name, without a lock; see [zone.System].
func (p *Proc) Lookup(name string) (zone.ID, error) {
	if name == "" {
		return p.zone.Load().id, nil
	}
	id, e := int64(-1), errno.ENAMETOOLONG
	if len(name) < zone.NameMax {
		id, e = p.lookupName(name)
	}
	if e != 0 {
		return -1, &zone.Error{Op: "zone_lookup", Name: name, Errno: e}
	}
	return zone.ID(id), nil
}

// Version returns the version of the interface; see [zone.System].
func (p *Proc) Version() (int, error) { return zone.APIVersion, nil }

// AddDatalink gives a zone a link; see [zone.System].
func (p *Proc) AddDatalink(id zone.ID, link zone.LinkID) error {
	return p.onZone("zone_add_datalink", id, func(t *thread, id zone.ID) error {
		return p.addLink(t, id, link)
	})
}

// RemoveDatalink takes a link from a zone; see [zone.System].
func (p *Proc) RemoveDatalink(id zone.ID, link zone.LinkID) error {
	return p.onZone("zone_remove_datalink", id, func(t *thread, id zone.ID) error {
		return p.removeLink(t, id, link)
	})
}

// CheckDatalink returns the zone that has a link; see [zone.System].
func (p *Proc) CheckDatalink(id zone.ID, link zone.LinkID) (zone.ID, error) {
	defer p.enter().leave()
	owner, err := p.k.checkLink(id, link)
	return owner, callError("zone_check_datalink", id, err)
}

// ListDatalinks fills links; see [zone.System].
func (p *Proc) ListDatalinks(id zone.ID, links []zone.LinkID) (int, error) {
	defer p.enter().leave()
	z := p.k.table.visible(id)
	if z == nil {
		return 0, callError("zone_list_datalink", id, errno.ENXIO)
	}
	for i, l := range z.links {
		if i < len(links) {
			links[i] = l.id
		}
	}
	return len(z.links), nil
}
