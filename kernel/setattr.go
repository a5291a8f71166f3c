package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// unreadable is what zone.c passes on where it doesn't translate a failed copy:
// an errno of -1.
const unreadable errno.Errno = -1

const initNameMax = 32 // INITNAME_SZ

// setattr sets an attribute (zone_setattr). Once a zone boots only the memory cap
// can be changed, and nothing else on the global zone.
func (p *Proc) setattr(t *thread, id zone.ID, attr zone.Attr, in buffer, size uint64) (int64, errno.Errno) {
	if !p.mayConfig() {
		return fail(errno.EPERM)
	}
	if id == zone.GlobalID && attr != zone.AttrPhysMcap {
		return fail(errno.EINVAL)
	}
	z := p.k.table.byID(id)
	if z == nil {
		return fail(errno.EINVAL)
	}
	z.hold()
	defer z.release()
	if attr != zone.AttrPhysMcap && z.Status() > zone.StatusReady {
		return fail(errno.EINVAL)
	}
	if e := p.k.setattrOf(z, attr, in, size); e != 0 {
		return fail(e)
	}
	return 0, p.k.tellHost(t, z, attr)
}

func (k *Kernel) setattrOf(z *Zone, attr zone.Attr, in buffer, size uint64) errno.Errno {
	switch attr {
	case zone.AttrInitName:
		name, e := in.inString(initNameMax)
		if e == 0 {
			z.initName = name
		}
		return e
	case zone.AttrInitNoRestart:
		z.restartInit = false
		return 0
	case zone.AttrBootArgs:
		return setString(&z.bootArgs, in, zone.BootArgsMax)
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
		class := k.classByName(name)
		if class < 0 || k.classes[class].Kernel {
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
	raw := make([]byte, secFlagsSize)
	if !in.in(0, raw) {
		return unreadable
	}
	f := SecFlags{
		Effective: binary.LittleEndian.Uint64(raw),
		Inherit:   binary.LittleEndian.Uint64(raw[8:]),
		Lower:     binary.LittleEndian.Uint64(raw[16:]),
		Upper:     binary.LittleEndian.Uint64(raw[24:]),
	}
	if !f.valid() {
		return errno.EINVAL
	}
	z.secflags = f
	if z.zsched != nil {
		z.zsched.secflags = f
	}
	return 0
}

// tellHost makes an attribute true for the processes of a zone that the host runs.
func (k *Kernel) tellHost(t *thread, z *Zone, attr zone.Attr) errno.Errno {
	if !z.hosted {
		return 0
	}
	var value []byte
	switch attr {
	case zone.AttrPhysMcap:
		value = binary.LittleEndian.AppendUint64(nil, z.physMcap)
	case zone.AttrHostID:
		value = binary.LittleEndian.AppendUint32(nil, z.hostid)
	case zone.AttrSecFlags:
		value = z.secflags.bytes()
	case zone.AttrSchedClass:
		value = []byte(k.className(z.class))
	case zone.AttrFSAllowed:
		value = []byte(orEmpty(z.fsAllowed))
	default:
		return 0
	}
	key := z.key()
	var err error
	k.outside(t, func() { err = k.host.SetAttr(key, attr, value) })
	return errnoOf(err)
}
