package zoneadmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// bringUp plans the zone's file systems, devices and network, and does the work that
// needs no kernel call.
func (s *setup) bringUp(p *plan) error {
	defer trace.Begin(trace.Step, "plan the file systems and the network")()
	for _, plan := range []func() error{
		s.datasets, s.devDir,
		func() error { return s.mounts(p) },
		func() error { return s.devices(p) },
		func() error { s.bindConsole(p); return nil },
		func() error { return s.network(p) },
	} {
		if err := plan(); err != nil {
			return err
		}
	}
	return nil
}

// devDir makes the directory for the zone's device files.
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

// fileSystems returns the file systems of the brand and of the configuration in mount
// order: sorted by directory, so that a mount point comes before those below it.
func (s *setup) fileSystems() ([]zonecfg.FS, error) {
	all := s.brandMounts(s.brand.GlobalMounts)
	if s.brand.Skeleton != nil {
		mounts, err := s.brand.Skeleton.Mounts()
		if err != nil {
			return nil, s.r.fail(err, "unable to list the file systems of brand %s", s.brand.Name)
		}
		all = append(all, s.brandMounts(mounts)...)
	}
	all = append(all, s.config.FS...)
	sortMounts(all)
	return all, nil
}

// brandMounts returns file systems of a brand as those of the zone.
func (s *setup) brandMounts(mounts []brand.Mount) (all []zonecfg.FS) {
	subst := brand.Subst{Zone: s.Zone, Path: s.config.Zonepath}
	for _, m := range mounts {
		fs := zonecfg.FS{Special: subst.In(m.Special), Dir: subst.In(m.Directory), Type: m.Type}
		if m.Options != "" {
			fs.Options = []string{subst.In(m.Options)}
		}
		all = append(all, fs)
	}
	return all
}

// sortMounts sorts file systems in mount order.
func sortMounts(all []zonecfg.FS) {
	slices.SortStableFunc(all, func(a, b zonecfg.FS) int { return strings.Compare(a.Dir, b.Dir) })
}

func (s *setup) mounts(p *plan) error {
	list, err := s.fileSystems()
	if err != nil {
		return err
	}
	for _, fs := range list {
		if err := s.mount(p, fs); err != nil {
			return err
		}
	}
	return nil
}

// mount plans one file system.
func (s *setup) mount(p *plan, fs zonecfg.FS) error {
	target := s.root() + fs.Dir
	if path.Clean(target) != strings.TrimSuffix(target, "/") || !strings.HasPrefix(fs.Dir, "/") {
		s.r.say("%s is not a canonical path", target)
		return s.r.refuse(nil, "%s is not a valid mount point", target)
	}
	if !mountable(fs.Type) {
		return s.r.refuse(nil, "cannot mount %s on %s: invalid file-system type %s", fs.Special, target, fs.Type)
	}
	if err := s.fsck(fs); err != nil {
		return err
	}
	step := mountStep(fs.Special, fs.Dir, fs.Type, strings.Join(fs.Options, ","))
	if fs.Type == devType {
		step.Mount.Devices = s.profile()
	}
	p.addWith(
		step,
		func(err error) error {
			if told := s.pointFailed(target, err); told != nil {
				return told
			}
			return s.r.fail(err, "cannot mount %s on %s", fs.Special, target)
		})
	return nil
}

// mountStep returns the step that mounts a file system in a zone.
func mountStep(special, point, fstype, options string) zone.Step {
	return zone.Step{Mount: &zone.Mount{Special: special, Point: point, FSType: fstype, Options: options, MakePoint: true}}
}

// mountable rejects the types of file systems that the zone itself provides.
func mountable(fstype string) bool {
	switch fstype {
	case "proc", "mntfs", "autofs":
		return false
	}
	return !strings.HasPrefix(fstype, "nfs")
}

// pointFailed reports an unusable mount point. It returns nil if something else
// failed.
func (s *setup) pointFailed(target string, err error) error {
	var e *zone.Error
	if !errors.As(err, &e) || e.Op != zone.OpMountPoint {
		return nil
	}
	at := s.root() + e.Name
	switch e.Errno {
	case errno.ELOOP:
		s.r.say("%s is a symlink", at)
	case errno.ENOTDIR:
		s.r.say("%s is not a directory", at)
	case errno.EROFS:
		return s.r.refuse(err, "Could not mkdir %s.\nIt is on a read-only file system in this local zone.\nMake sure %s exists in the global zone.", at, path.Base(at))
	default:
		return s.r.fail(err, "Could not mkdir %s", at)
	}
	return s.r.refuse(err, "%s is not a valid mount point", target)
}

// fsck checks a file system that is on a device or in a file, if the host has a
// program for its type.
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
		return s.r.refuse(err, "fsck of '%s' failed with exit status %d; run fsck manually", device, exit.ExitCode())
	case err != nil:
		return s.r.fail(err, "fsck of '%s'", device)
	}
	return nil
}

// devices plans the host's devices named by the configuration. A device that the zone
// already has is no error.
func (s *setup) devices(p *plan) error {
	if s.hasDev() {
		return nil
	}
	for _, device := range s.config.Device {
		pattern := device.Match
		if !strings.HasPrefix(pattern, "/dev/") {
			pattern = "/dev/" + strings.TrimPrefix(pattern, "/")
		}
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return s.r.refuse(nil, "device match '%s': %v", device.Match, err)
		}
		if len(matches) == 0 {
			s.noDevice(pattern)
		}
		for _, match := range matches {
			p.try(mountStep(match, match, "lofs", ""), func(err error) error {
				if zone.ErrnoOf(err) == errno.EBUSY {
					return nil
				}
				return s.r.fail(err, "unable to give device %s to the zone", match)
			})
		}
	}
	return nil
}

// noDevice warns that the host lacks a device that the configuration names by its path.
// A pattern may match nothing, as in zoneadmd's device profile.
func (s *setup) noDevice(pattern string) {
	if strings.ContainsAny(pattern, `*?[\`) {
		return
	}
	_, err := os.Lstat(pattern)
	if err == nil {
		return // it has just appeared
	}
	warning := fmt.Sprintf("WARNING: skipping device '%s': lstat: %s", pattern, reason(err))
	s.r.say("%s", warning)
	if s.r.log == nil { // else it is in the log already
		s.say("%s", warning)
	}
}

// consolePath is the path of the console in the zone.
const consolePath = "/dev/console"

// bindConsole plans the bind mount of the console's zone side. A zone whose /dev has a profile
// has the console's device by that.
func (s *setup) bindConsole(p *plan) {
	if s.terminal == nil || s.terminal.own() && s.hasDev() {
		return
	}
	p.try(mountStep(s.terminal.device, consolePath, "lofs", ""), func(err error) error {
		s.noConsole(err)
		return nil
	})
}

func (d *Daemon) noConsole(err error) {
	d.say("the zone has no console: %v", err)
}

// rebindConsole gives this daemon's console to an active zone whose daemon has died. A device
// of its own is what the zone has already.
func (d *Daemon) rebindConsole() {
	info, state, err := d.active()
	if err != nil || state == 0 || state > zonecfg.Running || d.terminal == nil || d.terminal.own() {
		return
	}
	_ = d.Kernel.Unmount(info.ID, consolePath, true) // there may be none
	if err := zone.MountOn(d.Kernel, info.ID, *mountStep(d.terminal.device, consolePath, "lofs", "").Mount); err != nil {
		d.noConsole(err)
	}
}

// innerIndex writes an index with this zone's line into the zone, for programs there.
// Nothing outside the zone's root is written, whatever symbolic links the zone
// contains.
func (s *setup) innerIndex() {
	entry, err := s.Store.Entry(s.Zone)
	if err != nil {
		return
	}
	entry.Zonepath = "/"
	if s.purpose == toMaintain {
		return // the scratch zone's /etc is the machine's
	}
	root, err := os.OpenRoot(s.config.Zonepath + "/root")
	if err != nil {
		return
	}
	defer root.Close()
	const dir, file = "etc/zones", "etc/zones/index"
	line := entry.Line()
	if there, err := root.ReadFile(file); err == nil && string(there) == line {
		return // unchanged since the last boot
	}
	_ = root.MkdirAll(dir, 0o755)
	if root.WriteFile(file, []byte(line), 0o644) == nil && os.Geteuid() == 0 {
		const user, sys = 0, 3
		_ = root.Chown(dir, user, sys)
		_ = root.Chown(file, user, sys)
	}
}

// localMounts plans the file systems that the brand mounts in every zone at boot.
func (s *setup) localMounts(p *plan) {
	subst := brand.Subst{Zone: s.Zone, Path: s.config.Zonepath}
	for _, m := range s.brand.Mounts {
		dir := subst.In(m.Directory)
		step := mountStep(subst.In(m.Special), dir, m.Type, subst.In(m.Options))
		step.Mount.Inside = true
		p.addWith(step, func(err error) error {
			if s.pointFailed(s.root()+dir, err) == nil {
				s.r.fail(err, "mount of %s failed", dir)
			}
			return s.r.refuse(err, "unable to mount filesystems")
		})
	}
}
