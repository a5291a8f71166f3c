package kernel

import (
	"math"
	"slices"

	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// linkTable says which zone has a data link.
type linkTable struct{ owners map[zone.LinkID]*Zone }

// owner returns the zone that has a link, nil when none has.
func (t *linkTable) owner(id zone.LinkID) *Zone { return t.owners[id] }

// give gives a link to a zone.
func (t *linkTable) give(z *Zone, id zone.LinkID) {
	z.links = slices.Insert(z.links, 0, &link{id: id})
	t.owners[id] = z
}

// take takes a link from its zone.
func (t *linkTable) take(z *Zone, id zone.LinkID) {
	z.links = slices.DeleteFunc(z.links, func(l *link) bool { return l.id == id })
	delete(t.owners, id)
}

// disown removes the links of a zone that is destroyed.
func (t *linkTable) disown(z *Zone) {
	for _, l := range z.links {
		delete(t.owners, l.id)
	}
}

// linkList are the data links of a zone, latest first.
type linkList []*link

// link is a data link of a zone, with the network properties that were set for it
// (zone_dl_t).
type link struct {
	id        zone.LinkID
	addresses []byte // ZONE_NETWORK_ADDRESS
	routers   []byte // ZONE_NETWORK_DEFROUTER
}

func (l linkList) find(id zone.LinkID) *link {
	for _, link := range l {
		if link.id == id {
			return link
		}
	}
	return nil
}

// addLink gives a zone a link that no zone has yet (zone_add_datalink). The C
// code would walk a list that it never set up for the global zone; that is
// refused here.
func (p *Proc) addLink(t *thread, id zone.ID, linkID zone.LinkID) error {
	k := p.k
	z := k.table.visible(id)
	if z == nil {
		return errno.ENXIO
	}
	if z == k.global {
		return errno.EINVAL
	}
	switch k.links.owner(linkID) {
	case nil:
	case z:
		return errno.EEXIST
	default:
		return errno.EPERM
	}
	var undos undo.Stack
	defer undos.Run()
	k.links.give(z, linkID)
	undos.Add(func() { k.links.take(z, linkID) })
	if err := p.moveLink(t, linkID, k.global, z); err != nil {
		return err
	}
	undos.Drop()
	return nil
}

// removeLink takes a link from a zone (zone_remove_datalink).
func (p *Proc) removeLink(t *thread, id zone.ID, linkID zone.LinkID) error {
	k := p.k
	z := k.table.visible(id)
	if z == nil {
		return errno.EINVAL
	}
	if z.links.find(linkID) == nil {
		return errno.ENXIO
	}
	if err := p.moveLink(t, linkID, z, k.global); err != nil {
		return err
	}
	k.links.take(z, linkID)
	return nil
}

// moveLink moves the link between network stacks where the zone has one of its own. That
// takes the privilege to configure zones; zone_add_datalink itself, which only keeps a
// list, takes none.
func (p *Proc) moveLink(t *thread, linkID zone.LinkID, from, to *Zone) error {
	k, z := p.k, from
	if z == k.global {
		z = to
	}
	if !z.hosted || !z.hasFlag(zone.FlagNetExcl) {
		return nil
	}
	if !p.mayConfig() {
		return errno.EPERM
	}
	z.hold()
	defer z.release()
	return t.outside(func() error { return k.host.MoveLink(linkID, from.key(), to.key()) })
}

// checkLink reports whether a zone has a link; with zone.AllZones which one
// (zone_check_datalink).
func (k *Kernel) checkLink(id zone.ID, linkID zone.LinkID) (zone.ID, error) {
	if id != zone.AllZones {
		if z := k.table.visible(id); z != nil && z.links.find(linkID) != nil {
			return id, nil
		}
		return id, errno.ENXIO
	}
	if z := k.links.owner(linkID); z != nil {
		return z.id, nil
	}
	return id, errno.ENXIO
}

// listLinks stores a zone's links, as many as the caller's count says, and
// how many there are where that is another number (zone_list_datalink).
func (k *Kernel) listLinks(id zone.ID, count, links buffer) errno.Errno {
	room, ok := count.inUint32(0)
	if !ok {
		return errno.EFAULT
	}
	z := k.table.visible(id)
	if z == nil {
		return errno.ENXIO
	}
	for i, l := range z.links {
		if uint32(i) < room && !links.outUint(uint64(4*i), uint64(l.id), 4) {
			return errno.EFAULT
		}
	}
	n := len(z.links)
	if n > math.MaxInt32 {
		return errno.EOVERFLOW
	}
	if uint32(n) != room && !count.outUint(0, uint64(n), 4) {
		return errno.EFAULT
	}
	return 0
}

// SetAddress adds an address to a link for a zone that shares the network stack of the
// global zone, or removes it.
func (p *Proc) SetAddress(id zone.ID, link, prefix string, add bool) error {
	t := p.enter()
	defer t.leave()
	z, err := p.hostable("set address", id)
	if err != nil {
		return err
	}
	z.hold()
	defer z.release()
	if err := t.outside(func() error { return p.k.host.SetAddress(z.key(), link, prefix, add) }); err != nil {
		return because(&zone.Error{Op: "set address", ID: id, Name: link}, err)
	}
	return nil
}
