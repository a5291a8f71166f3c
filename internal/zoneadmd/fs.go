package zoneadmd

import (
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// bringUp gives a zone that the kernel has its datasets, file systems, devices and
// network.
func (s *setup) bringUp(id zone.ID) error {
	if err := s.datasets(); err != nil {
		return err
	}
	if err := s.devDir(); err != nil {
		return err
	}
	if err := s.mountAll(id); err != nil {
		return err
	}
	if err := s.devices(id); err != nil {
		return err
	}
	<-s.opened // a caller may have been faster
	if s.openErr != nil {
		return s.r.fail(s.openErr, "the zone's daemon could not be started")
	}
	s.bindConsole(id)
	if err := s.network(id); err != nil {
		return err
	}
	s.innerIndex()
	return nil
}

// devDir makes the directory where the zone's device files are kept.
func (s *setup) devDir() error {
	dir := s.config.Zonepath + "/dev"
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err == nil && os.Geteuid() == 0 {
		const root, sys = 0, 3
		err = os.Chown(dir, root, sys)
	}
	if err != nil {
		return s.r.fail(err, "Could not mkdir %s", dir)
	}
	return nil
}

// fileSystems returns those of the brand and of the configuration in the order in
// which they are mounted: by directory, so that what lies in another one follows it.
func (s *setup) fileSystems() ([]zonecfg.FS, error) {
	var all []zonecfg.FS
	add := func(mounts []brand.Mount) {
		subst := brand.Subst{Zone: s.Zone, Path: s.config.Zonepath}
		for _, m := range mounts {
			fs := zonecfg.FS{Special: subst.In(m.Special), Dir: subst.In(m.Directory), Type: m.Type}
			if m.Options != "" {
				fs.Options = []string{subst.In(m.Options)}
			}
			all = append(all, fs)
		}
	}
	add(s.brand.GlobalMounts)
	if s.brand.Skeleton != nil {
		mounts, err := s.brand.Skeleton.Mounts()
		if err != nil {
			return nil, s.r.fail(err, "unable to list the file systems of brand %s", s.brand.Name)
		}
		add(mounts)
	}
	all = append(all, s.config.FS...)
	slices.SortStableFunc(all, func(a, b zonecfg.FS) int { return strings.Compare(a.Dir, b.Dir) })
	return all, nil
}

func (s *setup) mountAll(id zone.ID) error {
	list, err := s.fileSystems()
	if err != nil {
		return err
	}
	for _, fs := range list {
		if err := s.mount(id, fs); err != nil {
			return err
		}
	}
	return nil
}

// mount mounts one file system in the zone.
func (s *setup) mount(id zone.ID, fs zonecfg.FS) error {
	target := s.root() + fs.Dir
	if path.Clean(target) != strings.TrimSuffix(target, "/") || !strings.HasPrefix(fs.Dir, "/") {
		s.r.say("%s is not a canonical path", target)
		return s.r.fail(nil, "%s is not a valid mount point", target)
	}
	if !mountable(fs.Type) {
		return s.r.fail(nil, "cannot mount %s on %s: invalid file-system type %s", fs.Special, target, fs.Type)
	}
	if err := s.fsck(fs); err != nil {
		return err
	}
	err := zone.MountOn(s.Kernel, id, zone.Mount{Special: fs.Special, Point: fs.Dir, FSType: fs.Type, Options: strings.Join(fs.Options, ","), MakePoint: true})
	if err == nil {
		return nil
	}
	if !s.pointFailed(target, err) {
		s.r.fail(err, "cannot mount %s on %s", fs.Special, target)
	}
	return &told{text: "mount of " + target, err: err}
}

// mountable refuses the types of file systems that a zone makes for itself.
func mountable(fstype string) bool {
	switch fstype {
	case "proc", "mntfs", "autofs":
		return false
	}
	return !strings.HasPrefix(fstype, "nfs")
}

// pointFailed tells what is wrong with a mount point, if that is what failed.
func (s *setup) pointFailed(target string, err error) bool {
	var e *zone.Error
	if !errors.As(err, &e) || e.Op != zone.OpMountPoint {
		return false
	}
	at := s.root() + e.Name
	switch e.Errno {
	case errno.ELOOP:
		s.r.say("%s is a symlink", at)
	case errno.ENOTDIR:
		s.r.say("%s is not a directory", at)
	case errno.EROFS:
		s.r.say("Could not mkdir %s.\nIt is on a read-only file system in this local zone.\nMake sure %s exists in the global zone.", at, path.Base(at))
		return true
	default:
		s.r.fail(e.Errno, "Could not mkdir %s", at)
		return true
	}
	s.r.say("%s is not a valid mount point", target)
	return true
}

// fsck has a file system checked that lies on a device or in a file, where the
// machine has a program for its type.
func (s *setup) fsck(fs zonecfg.FS) error {
	device := fs.Raw
	if device == "" {
		if info, err := os.Stat(fs.Special); err != nil || !info.Mode().IsRegular() {
			return nil
		}
		device = fs.Special
	}
	program := filepath.Join("/usr/lib/fs", fs.Type, "fsck")
	if _, err := os.Stat(program); err != nil {
		return nil
	}
	err := exec.Command(program, "-o", "p", device).Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return s.r.fail(nil, "fsck of '%s' failed with exit status %d; run fsck manually", device, exit.ExitCode())
	case err != nil:
		return s.r.fail(err, "fsck of '%s'", device)
	}
	return nil
}

// devices gives the zone those of the machine that its configuration names.
func (s *setup) devices(id zone.ID) error {
	for _, device := range s.config.Device {
		pattern := device.Match
		if !strings.HasPrefix(pattern, "/dev/") {
			pattern = "/dev/" + strings.TrimPrefix(pattern, "/")
		}
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return s.r.fail(nil, "device match '%s': %v", device.Match, err)
		}
		for _, match := range matches {
			err := zone.MountOn(s.Kernel, id, zone.Mount{Special: match, Point: match, FSType: "lofs", MakePoint: true})
			if err != nil && zone.ErrnoOf(err) != errno.EBUSY {
				return s.r.fail(err, "unable to give device %s to the zone", match)
			}
		}
	}
	return nil
}

// consolePath is the zone's side of its console, inside.
const consolePath = "/dev/console"

// bindConsole puts the zone's side of the console into the zone.
func (d *Daemon) bindConsole(id zone.ID) {
	d.bound = d.console.device()
	if d.bound == "" {
		return
	}
	err := zone.MountOn(d.Kernel, id, zone.Mount{Special: d.bound, Point: consolePath, FSType: "lofs", MakePoint: true})
	if err != nil {
		d.say("the zone has no console: %s: %s", consolePath, reason(err))
	}
}

// rebindConsole gives an active zone whose daemon has died the console of this one.
func (d *Daemon) rebindConsole() {
	id, state, err := d.active()
	if err != nil || state == 0 || state > zonecfg.Running {
		return
	}
	d.Kernel.Unmount(id, consolePath, true) // there may be none
	d.bindConsole(id)
}

// innerIndex tells programs in the zone what the zone is: an index of one line.
// Nothing outside the zone's root is written, whatever links the zone has put there.
func (s *setup) innerIndex() {
	entry, err := s.Store.Entry(s.Zone)
	if err != nil {
		return
	}
	entry.Zonepath = "/"
	root, err := os.OpenRoot(s.root())
	if err != nil {
		return
	}
	defer root.Close()
	const dir, file = "etc/zones", "etc/zones/index"
	line := entry.Line()
	if there, err := root.ReadFile(file); err == nil && string(there) == line {
		return // the same as at the last boot
	}
	root.MkdirAll(dir, 0o755)
	if root.WriteFile(file, []byte(line), 0o644) == nil && os.Geteuid() == 0 {
		const user, sys = 0, 3
		root.Chown(dir, user, sys)
		root.Chown(file, user, sys)
	}
}

// localMounts makes the file systems that the brand has mounted in every zone at
// boot.
func (s *setup) localMounts(id zone.ID) error {
	subst := brand.Subst{Zone: s.Zone, Path: s.config.Zonepath}
	for _, m := range s.brand.Mounts {
		dir := subst.In(m.Directory)
		err := zone.MountOn(s.Kernel, id, zone.Mount{Special: subst.In(m.Special), Point: dir, FSType: m.Type, Options: subst.In(m.Options), MakePoint: true})
		if err == nil {
			continue
		}
		if !s.pointFailed(s.root()+dir, err) {
			s.r.fail(err, "mount of %s failed", dir)
		}
		return s.r.fail(nil, "unable to mount filesystems")
	}
	return nil
}
