package linuxhost

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Mount mounts file systems in a zone: files and directories of the host (lofs), tmpfs
// and proc. It sends zsched as many per request as fit.
func (h *Host) Mount(key host.ZoneKey, mounts []host.Mount) (done int, err error) {
	z, err := h.zone(key)
	if err != nil {
		return 0, err
	}
	for done < len(mounts) {
		n, err := z.mountSome(mounts[done:])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// mountSome mounts the first ones of a list in one request, at least one.
func (z *hostZone) mountSome(mounts []host.Mount) (int, error) {
	var b mountBatch
	defer func() { closeFDs(b.trees) }()
	end := trace.Begin(trace.Step, "pick up the mounts")
	for _, m := range mounts {
		if b.full(m) {
			break
		}
		if err := b.add(m); err != nil {
			if len(b.entries) == 0 {
				end()
				return 0, err
			}
			// It may need those before it; it is tried again as the first of the next
			// request.
			break
		}
	}
	end()
	answer, _, err := z.sandbox.ask(&request{Op: opMount, Mounts: b.entries}, b.trees...)
	switch {
	case err == nil:
		return len(b.entries), nil
	case answer == nil:
		return 0, err
	}
	return min(max(answer.Done, 0), len(b.entries)-1), err // zsched's count isn't trusted
}

// mountBatch is the file systems of one request.
type mountBatch struct {
	entries []mountEntry
	trees   []int
	size    int // upper bound of the message's size
}

// full reports whether the file system no longer fits into the message.
func (b *mountBatch) full(m host.Mount) bool {
	const escaped, around = 6, 128 // bytes of JSON: of one byte, of a mountEntry
	b.size += around + escaped*(len(m.Point)+len(m.Options))
	return len(b.entries) > 0 && (len(b.trees) == maxFDs || b.size > maxMessage-around)
}

// add adds a file system to the batch.
func (b *mountBatch) add(m host.Mount) error {
	flags, options := mountOptions(m.Options)
	if m.Point == rootPoint {
		return b.addRoot(m.FSType, flags, options)
	}
	e := mountEntry{Point: m.Point}
	switch m.FSType {
	case "lofs":
		pick := pickUp
		if slices.Contains(strings.Split(options, ","), "nosub") {
			pick = pickUpOne
		}
		tree, err := pick(m.Resource, flags.attr)
		if err != nil {
			return err
		}
		kind, err := kindOf(tree)
		if err != nil {
			unix.Close(tree)
			return failed("fstat", m.Resource, err)
		}
		if m.MakePoint {
			e.Make = kind
		}
		b.trees = append(b.trees, tree)
	case "tmpfs", "proc":
		e.FSType, e.Flags, e.Options = m.FSType, flags.mount, options
		if m.MakePoint {
			e.Make = makeDir
		}
	default:
		return &zone.Error{Errno: errno.ENOTSUP, Text: fmt.Sprintf("file system type %s on Linux (lofs, tmpfs and proc are supported)", m.FSType)}
	}
	b.entries = append(b.entries, e)
	return nil
}

// pickUp returns a copy of the mount tree at a path of the host. It doesn't show
// mounts that the host makes there later.
func pickUp(path string, flags uint64) (int, error) {
	tree, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return -1, failed("open_tree", path, err)
	}
	return setTree(tree, path, flags)
}

// pickUpOne is pickUp without what is mounted below the path. An ordinary user has to take
// that along, since Linux lets nobody see by a user namespace what a mount hides.
func pickUpOne(path string, flags uint64) (int, error) {
	tree, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return pickUp(path, flags)
	}
	return setTree(tree, path, flags)
}

// setTree sets the flags of the mounts of a tree, and separates them from the host's.
func setTree(tree int, path string, flags uint64) (int, error) {
	attr := unix.MountAttr{Attr_set: flags, Propagation: unix.MS_PRIVATE}
	if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attr); err != nil {
		unix.Close(tree)
		return -1, failed("mount_setattr", path, err)
	}
	return tree, nil
}

// kindOf returns the kind of mount point that fits an open tree.
func kindOf(tree int) (string, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(tree, &stat); err != nil {
		return "", err
	}
	if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		return makeDir, nil
	}
	return makeFile, nil
}

// Unmount unmounts a file system in a zone.
func (h *Host) Unmount(key host.ZoneKey, point string, force bool) error {
	z, err := h.zone(key)
	if err == nil {
		_, _, err = z.sandbox.ask(&request{Op: opUnmount, Point: point, Force: force})
	}
	return err
}

// bothFlags are mount flags in the two representations that Linux has.
type bothFlags struct {
	attr  uint64
	mount uintptr
}

// mountOptions splits the options of a file system resource into flags and options for
// the file system itself. It also knows illumos' names.
func mountOptions(options string) (flags bothFlags, data string) {
	var rest []string
	for _, option := range strings.Split(options, ",") {
		switch option {
		case "", "rw", "devices", "setuid", "exec", "suid":
		case "ro":
			flags.attr |= unix.MOUNT_ATTR_RDONLY
			flags.mount |= unix.MS_RDONLY
		case "nodevices", "nodev":
			flags.attr |= unix.MOUNT_ATTR_NODEV
			flags.mount |= unix.MS_NODEV
		case "nosetuid", "nosuid":
			flags.attr |= unix.MOUNT_ATTR_NOSUID
			flags.mount |= unix.MS_NOSUID
		case "noexec":
			flags.attr |= unix.MOUNT_ATTR_NOEXEC
			flags.mount |= unix.MS_NOEXEC
		default:
			rest = append(rest, option)
		}
	}
	return flags, strings.Join(rest, ",")
}
