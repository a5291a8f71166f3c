package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// canSee reports whether p may look at z: from the global zone everything, from
// elsewhere only itself.
func (p *Proc) canSee(z *Zone) bool {
	own := p.zone.Load()
	return own == p.k.global || own == z
}

// getattrFast copies the attributes that can be read without the kernel lock; ok is
// false for the others.
func (p *Proc) getattrFast(id zone.ID, attr zone.Attr, out buffer, size uint64) (n int64, e errno.Errno, ok bool) {
	switch attr {
	case zone.AttrStatus, zone.AttrUniqID, zone.AttrName, zone.AttrFlags:
	default:
		return 0, 0, false
	}
	z := p.k.table.byID(id)
	if z == nil || z.Status() < zone.StatusInitialized || !p.canSee(z) {
		return -1, errno.EINVAL, true
	}
	switch attr {
	case zone.AttrStatus:
		n, e = copyWord(out, size, uint64(z.Status()), 4)
	case zone.AttrUniqID:
		n, e = copyWord(out, size, z.UniqID(), 8)
	case zone.AttrFlags:
		n, e = copyWord(out, size, uint64(z.flags.Load()), 2)
	default:
		n, e = copyString(out, size, z.name)
	}
	return n, e, true
}

// getattr copies an attribute and returns the size of its whole value (zone_getattr).
func (p *Proc) getattr(t *thread, id zone.ID, attr zone.Attr, out buffer, size uint64) (int64, errno.Errno) {
	if n, e, ok := p.getattrFast(id, attr, out, size); ok {
		return n, e
	}
	k := p.k
	z := k.table.byID(id)
	if z == nil || z.Status() < zone.StatusInitialized || !p.canSee(z) {
		return fail(errno.EINVAL)
	}
	z.hold()
	defer z.release()
	switch attr {
	case zone.AttrRoot:
		return copyString(out, size, p.rootOf(z))
	case zone.AttrPrivset:
		return copyBytes(out, size, setBytes(z.privset))
	case zone.AttrPoolID:
		// All of it is stored, whatever size the caller has given.
		if !k.pools.lockSig(t) {
			return fail(errno.EINTR)
		}
		poolID := z.pool.ID
		k.pools.unlock(t)
		if !out.null() && !out.outUint(0, uint64(uint32(poolID)), 4) {
			return fail(errno.EFAULT)
		}
		return 4, 0
	case zone.AttrInitPID:
		if z.init.pid == -1 {
			return fail(errno.ESRCH)
		}
		return copyWord(out, size, uint64(uint32(z.init.pid)), 4)
	case zone.AttrInitName:
		return copyString(out, size, z.init.path)
	case zone.AttrBootArgs:
		return copyString(out, size, orEmpty(z.init.args))
	case zone.AttrBrand:
		return copyString(out, size, z.brand.Name)
	case zone.AttrPhysMcap:
		return copyWord(out, size, z.physMcap, 8)
	case zone.AttrSchedClass:
		return copyString(out, size, k.classes.name(z.class))
	case zone.AttrHostID:
		if z.hostid == noHostID || size != 4 {
			return fail(errno.EINVAL)
		}
		return copyWord(out, size, uint64(z.hostid), 4)
	case zone.AttrFSAllowed:
		return copyString(out, size, orEmpty(z.fsAllowed))
	case zone.AttrSecFlags:
		// Here a null pointer doesn't ask for the size.
		raw, _ := z.secflags.AppendBinary(nil)
		if !out.out(0, raw[:min(size, uint64(len(raw)))]) {
			return fail(errno.EFAULT)
		}
		return int64(len(raw)), 0
	case zone.AttrNetwork:
		return z.getNetwork(out, min(size, networkMax))
	}
	if attr >= zone.AttrBrandBase && z.branded() && z.brandData != nil {
		n, e := z.brandData.Getattr(attr, out, size)
		if e != 0 {
			return fail(e)
		}
		return int64(n), 0
	}
	return fail(errno.EINVAL)
}

// rootOf is the root directory as p sees it.
func (p *Proc) rootOf(z *Zone) string {
	switch {
	case p.zone.Load() != p.k.global:
		return "/"
	case z == p.k.global:
		return z.root
	}
	return z.rootDir()
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// copyWord, copyString and copyBytes store what fits into size and return the size of
// the whole value. Without a buffer they only return that.
func copyWord(out buffer, size, v uint64, width int) (int64, errno.Errno) {
	if !out.null() && !out.outUint(0, v, int(min(size, uint64(width)))) {
		return fail(errno.EFAULT)
	}
	return int64(width), 0
}

func copyString(out buffer, size uint64, s string) (int64, errno.Errno) {
	if !out.null() && !out.outString(s, size) {
		return fail(errno.EFAULT)
	}
	return int64(len(s)) + 1, 0
}

func copyBytes(out buffer, size uint64, raw []byte) (int64, errno.Errno) {
	if !out.null() && !out.out(0, raw[:min(size, uint64(len(raw)))]) {
		return fail(errno.EFAULT)
	}
	return int64(len(raw)), 0
}
