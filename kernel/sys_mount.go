package kernel

import (
	"strings"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// NotMine is the result of a mount or an unmount at a path that isn't below the root
// of a zone: the caller's machine has to do it.
const NotMine = 1

// Flags of mount(2) and umount2(2) (<sys/mount.h>).
const (
	mountReadOnly = 0x1   // MS_RDONLY
	mountData     = 0x4   // MS_DATA
	mountNoSuid   = 0x10  // MS_NOSUID
	mountOverlay  = 0x80  // MS_OVERLAY
	mountOptions  = 0x100 // MS_OPTIONSTR
	mountForce    = 0x400 // MS_FORCE

	mountOptionsMax = 1024 // MAX_MNTOPT_STR
	fsTypeMax       = 16   // FSTYPSZ
)

// inZone finds the zone below whose root a path of the machine is, and the path
// inside.
func (k *Kernel) inZone(path string) (zone.ID, string, bool) {
	defer k.enter().leave()
	for z := range k.table.all {
		if z == k.global {
			continue
		}
		if rest, ok := strings.CutPrefix(path, z.rootDir()); ok && strings.HasPrefix(rest, "/") && z.visible() {
			return z.id, rest, true
		}
	}
	return 0, "", false
}

// inZone is inZone of the kernel for this process, whose paths may be those of a zone.
func (p *Proc) inZone(path string) (zone.ID, string, bool) {
	if z := p.zone.Load(); z != p.k.global {
		return z.id, path, true
	}
	return p.k.inZone(path)
}

// mountCall is mount(2) of a file system for a zone, from outside or in it: what, where,
// flags, type, options and their size. It takes no data of the type's own.
func (p *Proc) mountCall(args [6]uint64, mem Memory) (int64, errno.Errno) {
	point, e := ReadString(mem, args[1], zone.PathMax)
	if e != 0 {
		return fail(e)
	}
	id, inside, ok := p.inZone(point)
	if !ok {
		return NotMine, 0
	}
	flags := uint32(args[2])
	if flags&^(mountReadOnly|mountData|mountNoSuid|mountOverlay|mountOptions) != 0 {
		return fail(errno.EINVAL)
	}
	m := host.Mount{Point: inside}
	if m.Resource, e = ReadString(mem, args[0], zone.PathMax); e != 0 {
		return fail(e)
	}
	if m.FSType, e = ReadString(mem, args[3], fsTypeMax); e != 0 {
		return fail(e)
	}
	if p.zone.Load() == p.k.global && (m.FSType == "proc" || m.FSType == "mntfs") {
		return fail(errno.EBUSY) // prmount, mntmount: they show the zone of the caller
	}
	var options []string
	if flags&mountOptions != 0 && args[4] != 0 {
		text, e := ReadString(mem, args[4], int(min(args[5], mountOptionsMax)))
		if e == errno.ENAMETOOLONG {
			e = errno.EINVAL
		}
		if e != 0 {
			return fail(e)
		}
		if text != "" {
			options = strings.Split(text, ",")
		}
	}
	if flags&mountReadOnly != 0 {
		options = append(options, "ro")
	}
	if flags&mountNoSuid != 0 {
		options = append(options, "nosuid")
	}
	m.Options = strings.Join(options, ",")
	return outcome(p.Mount(id, m))
}

// umount2 is umount2(2) of a place below a zone's root.
func (p *Proc) umount2(args [6]uint64, mem Memory) (int64, errno.Errno) {
	point, e := ReadString(mem, args[0], zone.PathMax)
	if e != 0 {
		return fail(e)
	}
	id, inside, ok := p.inZone(point)
	if !ok {
		return NotMine, 0
	}
	flags := uint32(args[1])
	if flags&^mountForce != 0 {
		return fail(errno.EINVAL)
	}
	return outcome(p.Unmount(id, inside, flags&mountForce != 0))
}
