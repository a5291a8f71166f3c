package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// unreadable is what zone.c passes on where it doesn't translate a failed copy:
// an errno of -1.
const unreadable errno.Errno = -1

const initNameMax = 32 // INITNAME_SZ

// setattr sets an attribute (zone_setattr). Once a zone boots only the memory cap
// can be changed, and nothing else on the global zone.
func (p *Proc) setattr(t *thread, id zone.ID, attr zone.Attr, in buffer, size uint64) error {
	if !p.mayConfig() {
		return errno.EPERM
	}
	if id == zone.GlobalID && attr != zone.AttrPhysMcap {
		return errno.EINVAL
	}
	z := p.k.table.byID(id)
	if z == nil {
		return errno.EINVAL
	}
	z.hold()
	defer z.release()
	if attr != zone.AttrPhysMcap && z.Status() > zone.StatusReady {
		return errno.EINVAL
	}
	if e := z.set(attr, in, size); e != 0 {
		return e
	}
	return z.tellHost(t, attr)
}

func (z *Zone) set(attr zone.Attr, in buffer, size uint64) errno.Errno {
	if z.k.older && (attr == zone.AttrInitRestart0 || attr == zone.AttrInitReboot) {
		return errno.EINVAL
	}
	switch attr {
	case zone.AttrInitName:
		name, e := in.inString(initNameMax)
		if e == 0 {
			z.init.path = name
		}
		return e
	case zone.AttrInitNoRestart:
		z.init.restart = false
		return 0
	case zone.AttrInitRestart0:
		z.init.restart0 = true
		return 0
	case zone.AttrInitReboot:
		z.init.reboot = true
		return 0
	case zone.AttrBootArgs:
		return setString(&z.init.args, in, zone.BootArgsMax)
	case zone.AttrBrand:
		return z.setBrand(in)
	case zone.AttrFSAllowed:
		return setString(&z.fsAllowed, in, zone.FSAllowedMax)
	case zone.AttrSecFlags:
		return z.setSecFlags(in)
	case zone.AttrPhysMcap:
		raw := make([]byte, 8)
		if !in.in(0, raw) {
			return unreadable
		}
		z.physMcap = binary.LittleEndian.Uint64(raw)
		return 0
	case zone.AttrSchedClass:
		name, e := in.inString(zone.ClassNameMax)
		if e != 0 {
			return e
		}
		class := z.k.classes.byName(name)
		if class < 0 || z.k.classes[class].Kernel {
			return errno.EINVAL
		}
		z.class = class
		return 0
	case zone.AttrHostID:
		if size != 4 {
			return errno.EINVAL
		}
		v, ok := in.inUint32(0)
		if !ok {
			return errno.EFAULT
		}
		z.hostid = v
		return 0
	case zone.AttrNetwork:
		if size > networkMax {
			return errno.EINVAL
		}
		return z.setNetwork(in, size)
	}
	if attr >= zone.AttrBrandBase && z.branded() && z.brandData != nil {
		return z.brandData.Setattr(attr, in, size)
	}
	return errno.EINVAL
}

func setString(to **string, in buffer, limit int) errno.Errno {
	s, e := in.inString(limit)
	if e == 0 {
		*to = &s
	}
	return e
}

func (z *Zone) setSecFlags(in buffer) errno.Errno {
	raw := make([]byte, secflags.Size)
	if !in.in(0, raw) {
		return unreadable
	}
	var f secflags.Sets
	if f.UnmarshalBinary(raw) != nil || f.Check() != nil {
		return errno.EINVAL
	}
	z.secflags = f
	if z.zsched != nil {
		z.zsched.secflags = f
	}
	return 0
}

// tellHost has the host apply an attribute to the processes of a zone.
func (z *Zone) tellHost(t *thread, attr zone.Attr) error {
	if !z.hosted {
		return nil
	}
	var value []byte
	switch attr {
	case zone.AttrPhysMcap:
		value = binary.LittleEndian.AppendUint64(nil, z.physMcap)
	case zone.AttrHostID:
		value = binary.LittleEndian.AppendUint32(nil, z.hostid)
	case zone.AttrSecFlags:
		value, _ = z.secflags.AppendBinary(nil)
	case zone.AttrSchedClass:
		value = []byte(z.k.classes.name(z.class))
	case zone.AttrFSAllowed:
		value = []byte(orEmpty(z.fsAllowed))
	default:
		return nil
	}
	return t.outside(func() error { return z.k.host.SetAttr(z.key(), attr, value) })
}
