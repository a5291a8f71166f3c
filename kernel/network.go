package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

const (
	networkHead = 12        // offset of zn_val
	networkMax  = 5120 + 16 // PIPE_BUF + sizeof (zone_net_data_t)
)

// network reads the head of a zone_net_data and returns the property that it names.
// The C code trusts zn_len; here a length past the buffer's end is refused.
func (z *Zone) network(raw []byte) (value *[]byte, length uint32, e errno.Errno) {
	if len(raw) < networkHead || z.isGlobal() {
		return nil, 0, errno.EINVAL
	}
	kind := binary.LittleEndian.Uint32(raw)
	length = binary.LittleEndian.Uint32(raw[4:])
	if kind != zone.NetAddress && kind != zone.NetDefRouter || !z.visible() {
		return nil, 0, errno.EINVAL
	}
	if uint64(length) > uint64(len(raw)-networkHead) {
		return nil, 0, errno.EINVAL
	}
	l := z.links.find(zone.LinkID(binary.LittleEndian.Uint32(raw[8:])))
	if l == nil {
		return nil, 0, errno.ENXIO
	}
	if kind == zone.NetAddress {
		return &l.addresses, length, 0
	}
	return &l.routers, length, 0
}

// setNetwork sets a property of one of the zone's links; it can be set once.
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
