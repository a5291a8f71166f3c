package kernel

// mount is an entry of the mount table, of the machine or of a zone.
type mount struct {
	point, resource, fstype string
	zone                    *Zone
}

// Mounts and changes of a zone's state keep each other out, like readers of two
// kinds: several mounts may be under way, or several state changes, never both.
// A count above 0 says how many mounts, below 0 how many changes.

// blockMounts waits until no mount is under way and keeps new ones out; false
// when a signal came first.
func (k *Kernel) blockMounts(t *thread, z *Zone) bool {
	for z.mounts > 0 {
		if !k.waitSig(t, &z.mountsCV) {
			return false
		}
	}
	z.mounts--
	return true
}

// resumeMounts takes back one blockMounts.
func (z *Zone) resumeMounts() {
	if z.mounts++; z.mounts == 0 {
		z.k.broadcast(&z.mountsCV)
	}
}

// MountInProgress waits until the zone isn't changing its state and keeps it from
// doing so until [Kernel.MountCompleted] (mount_in_progress).
func (p *Proc) MountInProgress(z *Zone) {
	t := p.k.call(p)
	defer p.k.done(t)
	p.k.mountInProgress(t, z)
}

func (k *Kernel) mountInProgress(t *thread, z *Zone) {
	for z.mounts < 0 {
		k.wait(t, &z.mountsCV)
	}
	z.mounts++
}

// MountCompleted ends it (mount_completed).
func (k *Kernel) MountCompleted(z *Zone) {
	defer k.enterAs(nil)()
	k.mountCompleted(z)
}

func (k *Kernel) mountCompleted(z *Zone) {
	if z.mounts--; z.mounts == 0 {
		k.broadcast(&z.mountsCV)
	}
}

// AddMount enters a file system into the mount table (vfs_list_add).
func (k *Kernel) AddMount(z *Zone, point, resource, fstype string) {
	defer k.enterAs(nil)()
	k.mounts = append(k.mounts, mount{point, resource, fstype, z})
	k.mountPoints.add(point)
}

// RemoveMount takes the last one mounted at point out; false when there is none
// (vfs_list_remove).
func (k *Kernel) RemoveMount(point string) bool {
	defer k.enterAs(nil)()
	return k.removeMount(point)
}

func (k *Kernel) removeMount(point string) bool {
	for i := len(k.mounts) - 1; i >= 0; i-- {
		if k.mounts[i].point == point {
			k.mounts = append(k.mounts[:i], k.mounts[i+1:]...)
			k.mountPoints.remove(point)
			return true
		}
	}
	return false
}
