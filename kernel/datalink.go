package kernel

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// link is a data link that a zone has, with the network properties that were set
// for it (zone_dl_t).
type link struct {
	id        zone.LinkID
	addresses []byte // ZONE_NETWORK_ADDRESS
	routers   []byte // ZONE_NETWORK_DEFROUTER
}

// Kinds of network property (zone_net_data.zn_type).
const (
	networkAddress   = 1 // ZONE_NETWORK_ADDRESS
	networkDefRouter = 2 // ZONE_NETWORK_DEFROUTER
)

const (
	networkHead   = 12        // offset of zn_val
	networkStruct = 16        // sizeof (zone_net_data_t)
	networkMax    = 5120 + 16 // PIPE_BUF + sizeof (zone_net_data_t)
)

func (z *Zone) link(id zone.LinkID) *link {
	for _, l := range z.links {
		if l.id == id {
			return l
		}
	}
	return nil
}

// find looks a zone up that exists for the rest of the kernel.
func (k *Kernel) find(id zone.ID) *Zone {
	if z := k.table.byID(id); z != nil && z.visible() {
		return z
	}
	return nil
}

// addLink gives a zone a link that no zone has yet (zone_add_datalink). The C
// code would walk a list that it never set up for the global zone; that is
// refused here.
func (k *Kernel) addLink(t *thread, id zone.ID, linkID zone.LinkID) (int64, errno.Errno) {
	z := k.find(id)
	if z == nil {
		return fail(errno.ENXIO)
	}
	if z == k.global {
		return fail(errno.EINVAL)
	}
	switch k.linkOwners[linkID] {
	case nil:
	case z:
		return fail(errno.EEXIST)
	default:
		return fail(errno.EPERM)
	}
	z.links = slices.Insert(z.links, 0, &link{id: linkID})
	k.linkOwners[linkID] = z
	if e := k.moveLink(t, linkID, k.global, z); e != 0 {
		k.dropLink(z, linkID)
		return fail(e)
	}
	return 0, 0
}

// removeLink takes a zone's link away (zone_remove_datalink).
func (k *Kernel) removeLink(t *thread, id zone.ID, linkID zone.LinkID) (int64, errno.Errno) {
	z := k.find(id)
	if z == nil {
		return fail(errno.EINVAL)
	}
	if z.link(linkID) == nil {
		return fail(errno.ENXIO)
	}
	if e := k.moveLink(t, linkID, z, k.global); e != 0 {
		return fail(e)
	}
	k.dropLink(z, linkID)
	return 0, 0
}

func (k *Kernel) dropLink(z *Zone, id zone.LinkID) {
	z.links = slices.DeleteFunc(z.links, func(l *link) bool { return l.id == id })
	delete(k.linkOwners, id)
}

// moveLink moves the link between network stacks where the zone has one of its own.
func (k *Kernel) moveLink(t *thread, linkID zone.LinkID, from, to *Zone) errno.Errno {
	z := from
	if z == k.global {
		z = to
	}
	if !z.hosted || z.flags.Load()&zone.FlagNetExcl == 0 {
		return 0
	}
	var err error
	fromKey, toKey := from.key(), to.key()
	z.hold()
	defer z.release()
	k.outside(t, func() { err = k.host.MoveLink(linkID, fromKey, toKey) })
	return errnoOf(err)
}

// checkLink tells whether a zone has a link; with zone.AllZones which one
// (zone_check_datalink).
func (k *Kernel) checkLink(id zone.ID, linkID zone.LinkID) (zone.ID, errno.Errno) {
	if id != zone.AllZones {
		if z := k.find(id); z != nil && z.link(linkID) != nil {
			return id, 0
		}
		return id, errno.ENXIO
	}
	if z := k.linkOwners[linkID]; z != nil {
		return z.id, 0
	}
	return id, errno.ENXIO
}

// listLinks stores a zone's links, as many as the caller has room for, and how
// many there are where that is another number (zone_list_datalink).
func (k *Kernel) listLinks(id zone.ID, count, links buffer) (int64, errno.Errno) {
	room, ok := count.inUint32(0)
	if !ok {
		return fail(errno.EFAULT)
	}
	z := k.find(id)
	if z == nil {
		return fail(errno.ENXIO)
	}
	for i, l := range z.links {
		if uint32(i) < room && !links.outUint(uint64(4*i), uint64(l.id), 4) {
			return fail(errno.EFAULT)
		}
	}
	n := len(z.links)
	if n > math.MaxInt32 {
		return fail(errno.EOVERFLOW)
	}
	if uint32(n) != room && !count.outUint(0, uint64(n), 4) {
		return fail(errno.EFAULT)
	}
	return 0, 0
}

// WalkLinks calls f for the links of a zone until it returns something else than
// 0, and returns that; ENOENT when there is no such zone (zone_datalink_walk).
func (k *Kernel) WalkLinks(id zone.ID, f func(zone.LinkID) int) int {
	t := k.enter(nil)
	z := k.find(id)
	if z == nil {
		k.leave(t)
		return int(errno.ENOENT)
	}
	ids := make([]zone.LinkID, len(z.links))
	for i, l := range z.links {
		ids[i] = l.id
	}
	k.leave(t)
	for _, id := range ids {
		if ret := f(id); ret != 0 {
			return ret
		}
	}
	return 0
}

// network reads the head of a zone_net_data and finds what it is about.
// The C code believes zn_len; what would run past the buffer is refused here.
func (z *Zone) network(raw []byte) (value *[]byte, length uint32, e errno.Errno) {
	if len(raw) < networkHead || z == z.k.global {
		return nil, 0, errno.EINVAL
	}
	kind := binary.LittleEndian.Uint32(raw)
	length = binary.LittleEndian.Uint32(raw[4:])
	if kind != networkAddress && kind != networkDefRouter || !z.visible() {
		return nil, 0, errno.EINVAL
	}
	if uint64(length) > uint64(len(raw)-networkHead) {
		return nil, 0, errno.EINVAL
	}
	l := z.link(zone.LinkID(binary.LittleEndian.Uint32(raw[8:])))
	if l == nil {
		return nil, 0, errno.ENXIO
	}
	if kind == networkAddress {
		return &l.addresses, length, 0
	}
	return &l.routers, length, 0
}

// setNetwork keeps a property of one of the zone's links; it can be set once.
func (z *Zone) setNetwork(in buffer, size uint64) errno.Errno {
	raw := make([]byte, size)
	if !in.in(0, raw) {
		return errno.EFAULT
	}
	value, length, e := z.network(raw)
	if e != 0 {
		return e
	}
	if *value != nil {
		return errno.EINVAL
	}
	*value = append(make([]byte, 0, length), raw[networkHead:networkHead+length]...)
	return 0
}

// getNetwork stores it. The C code returns nothing defined for success; here it
// is the size that was used.
func (z *Zone) getNetwork(out buffer, size uint64) (int64, errno.Errno) {
	raw := make([]byte, size)
	if !out.in(0, raw) {
		return fail(errno.EFAULT)
	}
	value, length, e := z.network(raw)
	if e != 0 {
		return fail(e)
	}
	if *value == nil {
		return fail(errno.ENOENT)
	}
	if len(*value) > int(length) {
		return fail(errno.ENOBUFS)
	}
	binary.LittleEndian.PutUint32(raw[4:], uint32(len(*value)))
	copy(raw[networkHead:], *value)
	if !out.out(0, raw) {
		return fail(errno.EFAULT)
	}
	return int64(size), 0
}
