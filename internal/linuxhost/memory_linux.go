package linuxhost

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// rootPoint is the mount point that gives a zone another root: a file system in memory, with
// the mount points that every zone needs.
const rootPoint = "/"

// memoryTree makes the mount tree of a file system in memory that becomes the root of a zone.
// zsched can't make it itself: it would have to move to it before it has /proc and /dev.
func memoryTree(m flagsAndOptions) (tree int, err error) {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("tmpfs: %w", failed("fsopen", rootPoint, err))
	}
	defer unix.Close(fs)
	for _, option := range strings.Split(m.options, ",") {
		if option == "" {
			continue
		}
		key, value, has := strings.Cut(option, "=")
		if has {
			err = unix.FsconfigSetString(fs, key, value)
		} else {
			err = unix.FsconfigSetFlag(fs, key)
		}
		if err != nil {
			return -1, fmt.Errorf("tmpfs option %s: %w", option, failed("fsconfig", rootPoint, err))
		}
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, fmt.Errorf("tmpfs: %w", failed("fsconfig", rootPoint, err))
	}
	if tree, err = unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, int(m.attr)); err != nil {
		return -1, fmt.Errorf("tmpfs: %w", failed("fsmount", rootPoint, err))
	}
	for _, dir := range carried {
		if err := unix.Mkdirat(tree, strings.TrimPrefix(dir, "/"), 0o755); err != nil {
			unix.Close(tree)
			return -1, failed("mkdirat", dir, err)
		}
	}
	return tree, nil
}

// flagsAndOptions are the options of a mount as fsmount and fsconfig take them.
type flagsAndOptions struct {
	attr    uint64
	options string
}

// addRoot adds a root in memory to the batch.
func (b *mountBatch) addRoot(fstype string, flags bothFlags, options string) error {
	if fstype != "tmpfs" {
		return &zone.Error{Errno: errno.EBUSY, Text: "a zone's root can only be replaced by tmpfs"}
	}
	tree, err := memoryTree(flagsAndOptions{flags.attr, options})
	if err != nil {
		return err
	}
	b.trees = append(b.trees, tree)
	b.entries = append(b.entries, mountEntry{Point: rootPoint})
	return nil
}
