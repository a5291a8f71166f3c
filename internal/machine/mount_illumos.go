package machine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
)

// plain are the types that mount(2) mounts with nothing but their options. The others need
// their own mount program.
var plain = map[string]bool{
	"autofs": false, "ctfs": true, "devfs": true, "dev": true, "fd": true, "hyprlofs": true, "lofs": true, "lxproc": true,
	"mntfs": true, "objfs": true, "proc": true, "sharefs": true, "tmpfs": true, "zfs": true,
}

// MountAll mounts file systems for a zone; see [zone.Maker].
func (k *kernel) MountAll(id zone.ID, mounts []zone.Mount) (done int, err error) {
	for _, m := range mounts {
		if err := k.mount(id, m); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// mount mounts from the global zone, at a path below the zone's root. No part of the path
// may be a symbolic link: the zone could have made one that leads out of its root.
func (k *kernel) mount(id zone.ID, m zone.Mount) error {
	kind := looking
	if m.MakePoint {
		if kind = makingDir; m.FSType == "lofs" {
			if info, err := os.Stat(m.Special); err == nil && !info.IsDir() {
				kind = makingFile
			}
		}
	}
	point, err := k.point(id, m.Point, kind)
	if err != nil {
		return failedMount("mount", id, m.Point, err)
	}
	if plain[m.FSType] {
		_, err = mount.Mount(m.Special, point, m.FSType, 0, m.Options, nil)
	} else {
		err = mountProgram(m, point)
	}
	return failedMount("mount", id, m.Point, err)
}

// Unmount unmounts a file system of a zone; see [zone.Kernel].
func (k *kernel) Unmount(id zone.ID, point string, force bool) error {
	path, err := k.point(id, point, looking)
	if err == nil {
		err = mount.Unmount(path, force)
	}
	return failedMount("umount2", id, point, err)
}

func failedMount(op string, id zone.ID, point string, err error) error {
	var known *zone.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if e, ok := errno.Of(err); ok {
		return &zone.Error{Op: op, ID: id, Name: point, Errno: e, Cause: zone.AsError(err)}
	}
	return &zone.Error{Op: op, ID: id, Name: point, Cause: zone.AsError(err)}
}

// mountProgram mounts with the mount program of the file system type.
func mountProgram(m zone.Mount, point string) error {
	if m.FSType == "" || strings.ContainsAny(m.FSType, "/.") {
		return fmt.Errorf("file system type %q: %w", m.FSType, errno.EINVAL)
	}
	program := "/usr/lib/fs/" + m.FSType + "/mount"
	var args []string
	if m.Options != "" {
		args = append(args, "-o", m.Options)
	}
	cmd := exec.Command(program, append(args, m.Special, point)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("file system type %s: %w", m.FSType, errno.EINVAL)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

// point returns the path of a mount point below the zone's root.
func (k *kernel) point(id zone.ID, inside string, kind pointKind) (string, error) {
	root, err := zone.RootOf(k, id)
	if err != nil {
		return "", err
	}
	return below(id, root, inside, kind)
}
