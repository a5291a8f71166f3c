package kernel

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// createArgs are the members of zone_def, as addresses in the caller's memory.
type createArgs struct {
	name, root, privs buffer
	privsSize         uint64
	rctls             buffer
	rctlsSize         uint64
	extended          buffer
	datasets          buffer
	datasetsSize      uint64
	flags             int32
}

// create makes a zone and waits until its zsched has it ready (zone_create). The
// order of the checks is part of the interface: the first that fails decides.
func (p *Proc) create(t *thread, a *createArgs) (int64, errno.Errno) {
	k := p.k
	if !p.mayConfig() {
		return fail(errno.EPERM)
	}
	if p.root != "" {
		return createError(a, errno.ENOTSUP, zone.ExtChrooted)
	}
	id, e := k.takeID()
	if e != 0 {
		return fail(e)
	}
	z := newZone(k, id)
	if a.flags&zone.CreateNetExcl != 0 {
		z.setFlag(zone.FlagNetExcl)
	}
	refuse := func(e errno.Errno) (int64, errno.Errno) {
		k.freeZone(z)
		return createError(a, e, zone.ExtUnknown)
	}
	if e := z.setName(a.name); e != 0 {
		return refuse(e)
	}
	if e := k.setRoot(t, z, a.root); e != 0 {
		return refuse(e)
	}
	if e := z.setPrivs(a.privs, a.privsSize); e != 0 {
		return refuse(e)
	}
	z.nodename = z.name
	z.initName = "/sbin/init"
	// The C code resets the flags of the global zone here and leaves the new
	// zone's all zero. Seen from outside, so kept.
	k.global.secflags = defaultSecFlags
	rctls, e := parseRctls(a.rctls, a.rctlsSize)
	if e != 0 {
		return refuse(e)
	}
	if e := z.parseDatasets(a.datasets, a.datasetsSize); e != 0 {
		k.freeZone(z)
		return fail(e)
	}
	if !p.spec.Agent && k.faults.HoldLWPs {
		// No errno has been set by then: the C code returns 0.
		return refuse(0)
	}
	z.mounts-- // nobody else knows the zone: this can't block
	z.kcred = newCred(z, intersect(kernelSet, z.privset), intersect(kernelSet, z.privset))
	if e, ext := k.mayInsert(z); e != 0 {
		return k.undoCreate(z, a, e, ext)
	}
	k.table.insert(z)
	if e := k.startZsched(t, z, rctls); e != 0 {
		k.table.remove(z)
		return k.undoCreate(z, a, e, zone.ExtUnknown)
	}
	z.kstats = !k.faults.KstatCreate
	k.statusWait(t, z, zone.StatusReady)
	z.resumeMounts()
	return int64(id), 0
}

// createError stores the extended error where the caller wants it; that failing
// replaces the reason.
func createError(a *createArgs, e errno.Errno, ext zone.ExtendedError) (int64, errno.Errno) {
	if !a.extended.null() && !a.extended.outUint(0, uint64(ext), 4) {
		return fail(errno.EFAULT)
	}
	if e == 0 {
		return 0, 0
	}
	return fail(e)
}

// undoCreate drops the only reference there is, that of the zone's credential.
func (k *Kernel) undoCreate(z *Zone, a *createArgs, e errno.Errno, ext zone.ExtendedError) (int64, errno.Errno) {
	z.resumeMounts()
	z.status.Store(uint32(zone.StatusUninitialized))
	cred := z.kcred
	z.kcred = nil
	cred.release()
	return createError(a, e, ext)
}

// takeID allocates a zone id whose network stack nobody uses any more. Ids that
// can't be used are passed over, so that the next creation doesn't meet them at once.
func (k *Kernel) takeID() (zone.ID, errno.Errno) {
	var start zone.ID
	for {
		id := k.ids.alloc()
		if id == 0 {
			return 0, errno.ENFILE
		}
		if !k.netstackBusy[id] && !k.allNetstacks {
			return id, 0
		}
		k.ids.free(id)
		if start == 0 {
			start = id
		} else if id == start {
			k.log("WARNING: zone_create() failed: all available zone IDs have netstacks still in use")
			return 0, errno.ENFILE
		}
		k.log(fmt.Sprintf("WARNING: unable to reuse zone ID %d; netstack still in use", id))
	}
}

// setName takes a name of 1 to 63 letters, digits, '-', '_' and '.', the first a
// letter or digit.
func (z *Zone) setName(in buffer) errno.Errno {
	name, e := in.inString(zone.NameMax)
	if e != 0 {
		return e
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i > 0 && (c == '-' || c == '_' || c == '.'):
		default:
			return errno.EINVAL
		}
	}
	if name == "" {
		return errno.EINVAL
	}
	z.name = name
	return 0
}

// setRoot looks the root directory up. A root that ends in "/lu" marks a scratch
// zone, unless that is all of it.
func (k *Kernel) setRoot(t *thread, z *Zone, in buffer) errno.Errno {
	path, e := in.inString(zone.PathMax)
	if e != 0 {
		return e
	}
	var (
		root string
		err  error
	)
	// A file system may answer that it is stale while it is being mounted.
	const tries = 9
	for range tries {
		k.outside(t, func() { root, err = k.host.Resolve(path) })
		if errnoOf(err) != errno.ESTALE {
			break
		}
	}
	if err != nil {
		return errnoOf(err)
	}
	z.root = root + "/"
	z.rootHeld = true
	if len(z.root) > 4 && strings.HasSuffix(z.root, "/lu/") {
		z.setFlag(zone.FlagIsScratch)
	}
	return 0
}

// setPrivs takes the privilege set; a caller's set may be larger than the kernel's.
func (z *Zone) setPrivs(in buffer, size uint64) errno.Errno {
	const bytes = len(z.privset) * 4
	if size < uint64(bytes) {
		return errno.ENOMEM
	}
	raw := make([]byte, bytes)
	if !in.in(0, raw) {
		return errno.EFAULT
	}
	for i := range z.privset {
		z.privset[i] = uint32(raw[4*i]) | uint32(raw[4*i+1])<<8 | uint32(raw[4*i+2])<<16 | uint32(raw[4*i+3])<<24
	}
	return 0
}

// parseDatasets splits the list of delegated datasets at its commas; an empty
// part is a dataset too. The list ends up in reverse.
func (z *Zone) parseDatasets(in buffer, size uint64) errno.Errno {
	if in.null() || size == 0 {
		return 0
	}
	if size > maxCopy {
		return errno.ENOMEM
	}
	raw := make([]byte, size)
	if !in.in(0, raw) {
		return errno.EFAULT
	}
	list, _, _ := strings.Cut(string(raw), "\x00")
	names := strings.Split(list, ",")
	z.datasets = make([]string, 0, len(names))
	for i := len(names) - 1; i >= 0; i-- {
		z.datasets = append(z.datasets, names[i])
	}
	return 0
}

// maxCopy is the most that the kernel allocates for a caller at once.
const maxCopy = 1 << 24

// mayInsert checks what depends on the other zones.
func (k *Kernel) mayInsert(z *Zone) (errno.Errno, zone.ExtendedError) {
	if other := k.table.byName(z.name); other != nil {
		if s := other.Status(); s == zone.StatusReady || s == zone.StatusRunning {
			return errno.EEXIST, zone.ExtUnknown
		}
		return errno.EBUSY, zone.ExtUnknown
	}
	if k.nested(z.root) {
		return errno.EBUSY, zone.ExtUnknown
	}
	if k.table.count+1 > k.maxZones {
		return errno.ENOMEM, zone.ExtUnknown
	}
	if k.mountPoints.around(z.root) {
		return errno.EBUSY, zone.ExtMounts
	}
	return 0, 0
}

// nested tells that a root lies in or around that of another zone, or is the
// machine's own.
func (k *Kernel) nested(root string) bool { return root == "//" || k.roots.touches(root) }

// spec is what the host is told of a new zone.
func (z *Zone) spec() *host.Spec {
	return &host.Spec{
		Key:      z.key(),
		Name:     z.name,
		Root:     strings.TrimSuffix(z.root, "/"),
		Nodename: z.nodename,
		Privs:    z.privset,
		NetExcl:  z.flags.Load()&zone.FlagNetExcl != 0,
	}
}
