package machine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/devfs"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
)

// plain are the types that mount(2) mounts with nothing but their options. The others need
// their own mount program.
var plain = map[string]bool{
	"autofs": false, "ctfs": true, "devfs": true, "fd": true, "hyprlofs": true, "lofs": true, "lxproc": true,
	"mntfs": true, "objfs": true, "proc": true, "sharefs": true, "tmpfs": true, "zfs": true,
}

// MountAll mounts file systems for a zone; see [zone.Maker].
func (k *kernel) MountAll(id zone.ID, mounts []zone.Mount) (done int, err error) {
	for done < len(mounts) {
		n := 1
		if inside := leading(mounts[done:]); len(inside) > 0 {
			n, err = k.mountInside(id, inside)
		} else {
			err = k.mount(id, mounts[done])
		}
		if err != nil {
			if mounts[done].Inside {
				done += n
			}
			return done, err
		}
		done += n
	}
	return done, nil
}

// leading returns the mounts at the head of a list that are made in the zone.
func leading(mounts []zone.Mount) []zone.Mount {
	for i, m := range mounts {
		if !m.Inside {
			return mounts[:i]
		}
	}
	return mounts
}

// mountInside mounts file systems by one process that enters the zone. The mount points are
// made from here, where the zone can't have put symbolic links in the way: nothing of the zone
// runs before these are mounted.
func (k *kernel) mountInside(id zone.ID, mounts []zone.Mount) (done int, err error) {
	for _, m := range mounts {
		if !plain[m.FSType] {
			err := fmt.Errorf("file system type %q can't be mounted in the zone: %w", m.FSType, errno.EINVAL)
			return 0, failedMount("mount", id, m.Point, err)
		}
		if _, err := k.point(id, m.Point, pointOf(m)); err != nil {
			return 0, failedMount("mount", id, m.Point, err)
		}
	}
	p := &process{}
	err = p.start(&request{Zone: id, Mounts: mounts, Null: [3]bool{true, true, true}}, &zone.Cmd{Path: "a mount"})
	if err == nil {
		if err := ended(p.Wait()); err != nil {
			return 0, failedMount("mount", id, mounts[0].Point, err)
		}
		return len(mounts), nil
	}
	var failed *zone.Error
	if errors.As(err, &failed) {
		for i, m := range mounts {
			if m.Point == failed.Name {
				return i, err
			}
		}
	}
	return 0, failedMount("mount", id, mounts[0].Point, err)
}

// ended returns why the process that mounts has mounted nothing, or not all.
func ended(status zone.ExitStatus, err error) error {
	if err == nil && status != (zone.ExitStatus{}) {
		return fmt.Errorf("the process that mounts in the zone ended with %+v", status)
	}
	return err
}

// pointOf returns what to do about a mount point that doesn't exist.
func pointOf(m zone.Mount) pointKind {
	if !m.MakePoint {
		return looking
	}
	if m.FSType == "lofs" {
		if info, err := os.Stat(m.Special); err == nil && !info.IsDir() {
			return makingFile
		}
	}
	return makingDir
}

// mount mounts from the global zone, at a path below the zone's root. No part of the path
// may be a symbolic link: the zone could have made one that leads out of its root.
func (k *kernel) mount(id zone.ID, m zone.Mount) error {
	point, err := k.point(id, m.Point, pointOf(m))
	if err != nil {
		return failedMount("mount", id, m.Point, err)
	}
	switch {
	case m.FSType == "dev":
		err = mountDev(m, point)
	case plain[m.FSType]:
		_, err = mount.Mount(m.Special, point, m.FSType, 0, m.Options, nil)
	default:
		err = mountProgram(m, point)
	}
	return failedMount("mount", id, m.Point, err)
}

// mountDev mounts the /dev of a zone and fills it. Without its devices it isn't left mounted.
func mountDev(m zone.Mount, point string) error {
	attrdir := ""
	options := slices.DeleteFunc(strings.Split(m.Options, ","), func(option string) bool {
		dir, found := strings.CutPrefix(option, "attrdir=")
		if found {
			attrdir = dir
		}
		return found
	})
	if _, err := devfs.Mount(point, attrdir, strings.Join(options, ",")); err != nil {
		return err
	}
	var profile devfs.Profile
	for _, d := range m.Devices {
		switch {
		case d.Link != "":
			profile = append(profile, devfs.Rule{Kind: devfs.Symlink, Name: d.Link, Target: d.Match})
		case d.Name != "":
			profile = append(profile, devfs.Rule{Kind: devfs.Map, Name: d.Match, Target: d.Name})
		default:
			profile = append(profile, devfs.Rule{Kind: devfs.Include, Name: d.Match})
		}
	}
	if err := profile.Commit(point); err != nil {
		return errors.Join(err, mount.Unmount(point, false))
	}
	return nil
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

// mountPrograms has a directory for each file system type. Tests replace it.
var mountPrograms = "/usr/lib/fs/"

// mountProgram mounts with the mount program of the file system type.
func mountProgram(m zone.Mount, point string) error {
	if m.FSType == "" || strings.ContainsAny(m.FSType, "/.") {
		return fmt.Errorf("file system type %q: %w", m.FSType, errno.EINVAL)
	}
	program := mountPrograms + m.FSType + "/mount"
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
