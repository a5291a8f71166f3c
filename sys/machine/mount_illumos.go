package machine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
)

// plain are the types whose options are all that mount(2) needs. The others have a
// program that puts more together.
var plain = map[string]bool{
	"autofs": false, "ctfs": true, "devfs": true, "dev": true, "fd": true, "hyprlofs": true, "lofs": true, "lxproc": true,
	"mntfs": true, "objfs": true, "proc": true, "sharefs": true, "tmpfs": true, "zfs": true,
}

// Mount mounts a file system for a zone; see [zone.Kernel]. It is done from outside,
// on the place below the zone's root: no part of the way there may be a link, which
// the zone could have put there to lead out.
func (k *kernel) Mount(id zone.ID, m zone.Mount) error {
	point, err := k.point(id, m.Point)
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

// Unmount takes it off again; see [zone.Kernel].
func (k *kernel) Unmount(id zone.ID, point string, force bool) error {
	path, err := k.point(id, point)
	if err == nil {
		err = mount.Unmount(path, force)
	}
	return failedMount("umount2", id, point, err)
}

func failedMount(op string, id zone.ID, point string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errno.Of(err); ok {
		return &zone.Error{Op: op + " " + point + " in zone", ID: id, Errno: e}
	}
	return err
}

// mountProgram mounts with the type's own program.
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

// point returns the place below the zone's root.
func (k *kernel) point(id zone.ID, inside string) (string, error) {
	root, err := zone.RootOf(k, id)
	if err != nil {
		return "", err
	}
	return below(root, inside)
}

// below joins a path to a root, of which no part below may be a link.
func below(root, inside string) (string, error) {
	if !filepath.IsAbs(inside) {
		return "", fmt.Errorf("%s is not absolute: %w", inside, errno.EINVAL)
	}
	path := root
	for part := range strings.SplitSeq(filepath.Clean(inside), "/") {
		if part == "" {
			continue
		}
		path = filepath.Join(path, part)
		info, err := os.Lstat(path)
		if err != nil {
			return "", err
		}
		if !info.IsDir() {
			return "", fmt.Errorf("%s is not a folder: %w", path, errno.ENOTDIR)
		}
	}
	return path, nil
}
