package kernel

import (
	"slices"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// mountTable is the machine's mount table.
type mountTable struct {
	list   []mount
	points pathTree
}

type mount struct {
	point, resource, fstype string
	zone                    *Zone
}

// add enters a file system (vfs_list_add).
func (t *mountTable) add(m mount) {
	t.list = append(t.list, m)
	t.points.add(m.point)
}

// remove removes what was mounted last at a point (vfs_list_remove).
func (t *mountTable) remove(point string) {
	for i, m := range slices.Backward(t.list) {
		if m.point == point {
			t.list = slices.Delete(t.list, i, i+1)
			t.points.remove(point)
			return
		}
	}
}

// mountGate excludes mounts in a zone and changes of its state from each other: several
// mounts may be under way, or several state changes, never both.
type mountGate struct {
	count int // above 0: mounts; below 0: state changes
	cv    waitq
}

// blockSig waits until no mount is under way and blocks new ones; it reports false
// when a signal came first.
func (g *mountGate) blockSig(t *thread) bool {
	for g.count > 0 {
		if !t.waitSig(&g.cv) {
			return false
		}
	}
	g.count--
	return true
}

// resume undoes one blockSig.
func (g *mountGate) resume(t *thread) {
	if g.count++; g.count == 0 {
		t.s.broadcast(&g.cv)
	}
}

// begin waits until the zone isn't changing its state and blocks changes until done
// (mount_in_progress).
func (g *mountGate) begin(t *thread) {
	for g.count < 0 {
		t.wait(&g.cv)
	}
	g.count++
}

// done undoes one begin (mount_completed).
func (g *mountGate) done(t *thread) {
	if g.count--; g.count == 0 {
		t.s.broadcast(&g.cv)
	}
}

// hostable finds a zone for a call of p that the host carries out.
func (p *Proc) hostable(op string, id zone.ID) (*Zone, error) {
	z := p.zone.Load()
	var err error
	switch {
	case z == p.k.global:
		z, err = p.managed(id)
	case z.id != id:
		err = errno.EINVAL
	case !p.cred.has(sysMount):
		err = errno.EPERM
	}
	if err == nil && (!z.visible() || z.Status() >= zone.StatusShuttingDown) {
		err = errno.EINVAL
	}
	if err != nil {
		return nil, callError(op, id, err)
	}
	return z, nil
}

// Mount mounts a file system inside a zone that is ready or running; see
// [Proc.MountAll].
func (p *Proc) Mount(id zone.ID, m host.Mount) error {
	_, err := p.MountAll(id, []host.Mount{m})
	return err
}

// MountAll mounts file systems in their order inside a zone that is ready or running,
// and returns how many it has mounted before one failed. The zone can't be shut down
// meanwhile.
func (p *Proc) MountAll(id zone.ID, mounts []host.Mount) (done int, err error) {
	t := p.enter()
	defer t.leave()
	z, err := p.hostable("mount", id)
	if err != nil {
		return 0, err
	}
	z.mounting.begin(t)
	defer z.mounting.done(t)
	if z.Status() >= zone.StatusShuttingDown {
		return 0, callError("mount", id, errno.EINVAL)
	}
	z.hold()
	defer z.release()
	// They are in the zone's own namespace, which ends with the zone, and not in the
	// machine's table: so they don't prevent the zone's destruction.
	err = t.outside(func() (err error) {
		done, err = p.k.host.Mount(z.key(), mounts)
		return err
	})
	if err == nil {
		return done, nil
	}
	if e := zone.AsError(err); e.Op == zone.OpMountPoint {
		point := *e // the host's own
		point.ID = id
		return done, &point
	}
	return done, because(&zone.Error{Op: "mount", ID: id, Name: mounts[done].Point}, err)
}

// Unmount unmounts what was mounted last at a point inside a zone.
func (p *Proc) Unmount(id zone.ID, point string, force bool) error {
	t := p.enter()
	defer t.leave()
	z, err := p.hostable("umount", id)
	if err != nil {
		return err
	}
	z.hold()
	defer z.release()
	if err := t.outside(func() error { return p.k.host.Unmount(z.key(), point, force) }); err != nil {
		return because(&zone.Error{Op: "umount", ID: id, Name: point}, err)
	}
	return nil
}
