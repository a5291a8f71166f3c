package zoneadmd

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gozones/zones/internal/mounted"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// A scratch zone is what a mounted zone has in the kernel: programs of this machine in a root
// directory in memory, at ZONEPATH/lu, with the zone's own files on /a. The zone's init and
// services don't run in it, and it has no network.

// purpose is what a zone is made ready for.
type purpose int

const (
	toBoot     purpose = iota
	toMaintain         // a scratch zone with the machine's files, except for the zone's on /a (Z_MNT_UPDATE)
	toRepair           // a scratch zone of brand native, which shares /etc and /var with its zone (Z_MNT_SCRATCH)
)

// nativeBrand is the brand whose zones have the machine's own packages.
const nativeBrand = "native"

// maintenance is the purpose of the scratch zones of a brand.
func maintenance(brand string) purpose {
	switch brand {
	case nativeBrand, "cluster", "labeled":
		return toRepair
	}
	return toMaintain
}

// scratch reports whether the zone is a scratch zone.
func (s *setup) scratch() bool { return s.purpose != toBoot }

// lu is the directory, below the zonepath, that is the root of a scratch zone.
const lu = "/lu"

// files is where a scratch zone has the root directory of its zone.
const files = "/a"

// mountZone makes a scratch zone.
func (d *Daemon) mountZone(r *request) error {
	config, err := d.load(false)
	if err != nil {
		return r.fail(err, "invalid configuration")
	}
	name := config.Brand
	if name == "" {
		name = d.defaultBrand
	}
	if _, err = d.readyFor(r, maintenance(name)); err == nil {
		d.events.put(event{kind: eventReady})
	}
	return err
}

// unmountZone takes a scratch zone down.
func (d *Daemon) unmountZone(r *request) error {
	err := d.halt(r, false)
	if err == nil {
		d.events.put(event{kind: eventHalt})
	}
	return err
}

// scratchDefinition is definition for a scratch zone: the privileges of the default brand,
// whatever limitpriv says, and neither resource controls nor attributes.
func (s *setup) scratchDefinition(def *zone.Def) error {
	base, err := s.baseBrand()
	if err != nil {
		return err
	}
	plain := *s.config
	plain.LimitPriv = ""
	if def.Privs, err = plain.Privileges(&base.Privileges); err != nil {
		return s.r.refuse(err, "failed to determine the zone's default privilege set")
	}
	return s.datasetsOf(def)
}

// baseBrand opens the default brand, which has the devices and file systems of every scratch
// zone. Zones of Linux have those of their own brand where it isn't installed: all are alike.
func (s *setup) baseBrand() (*brand.Brand, error) {
	b, err := brand.Open(s.BrandDir, s.defaultBrand)
	switch {
	case err == nil:
		return b, nil
	case s.brand.Direct:
		return s.brand, nil
	}
	return nil, s.r.refuse(err, "unable to determine zone brand")
}

// assemble plans the file systems of a scratch zone. It may find the memory of one that a
// daemon left when it was killed.
func (s *setup) assemble(p *plan) error {
	if err := s.rootInUse(); err != nil {
		return err
	}
	if err := s.devDir(); err != nil {
		return err
	}
	base, err := s.baseBrand()
	if err != nil {
		return err
	}
	if err := s.makeRoot(p); err != nil {
		return err
	}
	on := *s
	on.brand = base
	for _, plan := range []func(*plan) error{on.zoneFiles, on.devices, on.machineFiles} {
		if err := plan(p); err != nil {
			return err
		}
	}
	on.bindConsole(p)
	on.localMounts(p)
	if on.onIllumos() {
		// A booted zone mounts it itself.
		step := mountStep("fd", "/dev/fd", "fd", "")
		step.Mount.Inside = true
		p.add(step, "mount of /dev/fd failed")
	}
	return nil
}

// rootInUse checks that no zone has the root directory that the scratch zone is to show: the
// kernel only compares that of the scratch zone itself.
func (s *setup) rootInUse() error {
	root := s.config.Zonepath + "/root"
	table, err := s.Kernel.Table()
	if err != nil {
		return s.r.fail(err, "unable to list the zones that are active")
	}
	for _, z := range table.Zones {
		if z.ID != zone.GlobalID && (within(root, z.Root) || within(z.Root, root)) {
			return s.r.refuse(nil, "zone root %s already in use by zone %s", root, z.Name)
		}
	}
	if mounts, err := mounted.On(root); err == nil && len(mounts.Through) > 0 {
		return s.r.refuse(nil, "zone root %s is reachable through %s", root, mounts.Through[0])
	}
	return nil
}

// makeRoot makes the root directory of a scratch zone and plans the memory over it. illumos'
// kernel wants that before the zone is made. On Linux it is in the zone's own mount namespace,
// and so ends with the zone, and the directory only has mount points for what the kernel
// mounts in every zone.
func (s *setup) makeRoot(p *plan) error {
	root := s.root()
	if err := os.Mkdir(root, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return s.r.fail(err, "cannot create %s", root)
	}
	if s.onIllumos() {
		return s.makeRootOnIllumos(root)
	}
	for _, dir := range mountPoints {
		if err := os.Mkdir(root+dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return s.r.fail(err, "cannot create %s", root+dir)
		}
	}
	p.add(mountStep("swap", "/", "tmpfs", "mode=755"), "cannot mount swap on %s", root)
	return nil
}

// mountPoints are the directories that Linux needs in the directory of a zone.
var mountPoints = []string{"/proc", "/dev"}

// scratchDirs are the directories of a scratch zone on illumos that nothing of the machine's
// is mounted on.
var scratchDirs = []string{"/system", "/system/contract", "/system/object", "/proc", "/dev", "/tmp", files}

func (s *setup) makeRootOnIllumos(root string) error {
	if err := s.removeMemory(root); err != nil {
		return err
	}
	if _, err := mount.Mount("swap", root, "tmpfs", 0, "", nil); err != nil {
		return s.r.fail(err, "cannot mount swap on %s", root)
	}
	for _, dir := range scratchDirs {
		if err := os.Mkdir(root+dir, 0o755); err != nil {
			return s.r.fail(err, "cannot create %s", root+dir)
		}
	}
	const everybody = 0o777
	if err := os.Chmod(root+"/tmp", os.ModeSticky|everybody); err != nil {
		return s.r.fail(err, "cannot chmod %s", root+"/tmp")
	}
	if err := os.Symlink("./usr/bin", root+"/bin"); err != nil {
		return s.r.fail(err, "cannot create %s", root+"/bin")
	}
	return nil
}

// zoneFiles plans the zone's own root directory and, below it, the file systems of the
// configuration. ZFS file systems aren't mounted: they may belong to a pool that isn't there.
// /dev is that of the scratch zone.
func (s *setup) zoneFiles(p *plan) error {
	root := s.config.Zonepath + "/root"
	p.add(mountStep(root, files, "lofs", ""), "cannot mount %s on %s", root, s.root()+files)
	list := s.brandMounts(s.brand.GlobalMounts)
	for _, fs := range s.config.FS {
		if fs.Type != "zfs" {
			list = append(list, fs)
		}
	}
	sortMounts(list)
	for _, fs := range list {
		if fs.Dir != "/dev" {
			fs.Dir = files + fs.Dir
		}
		if err := s.mount(p, fs); err != nil {
			return err
		}
	}
	return nil
}

// Directories of the machine that a scratch zone has, read-only: its programs must fit the
// kernel that runs. Those that this machine lacks are left out.
var (
	machineDirs = map[purpose][]string{
		toMaintain: {"/etc", "/kernel", "/lib", "/opt", "/platform", "/sbin", "/usr", "/var"},
		toRepair:   {"/etc/lib", "/etc/fs", "/lib", "/sbin", "/platform", "/usr"},
	}
	linuxDirs  = []string{"/lib32", "/lib64", "/libx32"} // those in which programs of Linux look for libraries
	memoryDirs = map[purpose][]string{
		toMaintain: {"/tmp", "/var/run", "/var/tmp"},
		toRepair:   {"/tmp", "/var/run"},
	}
)

// machineOptions are those of the mounts of the machine's directories (RESOURCE_DEFAULT_OPTS).
const machineOptions = "ro,nosub,nodevices"

// machineFiles plans the directories of the machine, and those in memory. A zone of brand
// native has its own /etc and /var instead, which may be file systems of the configuration.
func (s *setup) machineFiles(p *plan) error {
	if s.purpose == toRepair {
		for _, dir := range []string{"/etc", "/var"} {
			p.add(mountStep(s.own(dir), dir, "lofs", ""), "cannot mount %s on %s", s.root()+dir, dir)
		}
	}
	dirs := slices.Concat(machineDirs[s.purpose], linuxDirs)
	if !s.onIllumos() {
		dirs = append(dirs, "/bin") // there a link
	}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue
		}
		if s.purpose == toRepair && strings.HasPrefix(dir, "/etc/") {
			if info, err := os.Lstat(s.config.Zonepath + "/root" + dir); err == nil && !info.IsDir() {
				continue // a link by now, which needs no help
			}
		}
		p.add(mountStep(dir, dir, "lofs", machineOptions), "cannot mount %s on %s", s.root()+dir, dir)
	}
	for _, dir := range memoryDirs[s.purpose] {
		options := ""
		if !strings.HasSuffix(dir, "tmp") && !s.onIllumos() {
			options = "mode=755"
		}
		p.add(mountStep("swap", s.realDir(dir), "tmpfs", options), "cannot mount swap on %s", dir)
	}
	return nil
}

// own is the path of a directory of the zone as the machine has it: what the scratch zone has on
// /a, which on Linux only itself sees.
func (s *setup) own(dir string) string {
	if s.onIllumos() {
		return s.root() + files + dir
	}
	for _, fs := range s.config.FS {
		if fs.Dir == dir && fs.Type == "lofs" {
			return fs.Special
		}
	}
	return s.config.Zonepath + "/root" + dir
}

// realDir is where a directory of the machine really is: on Linux /var/run is a link.
func (s *setup) realDir(dir string) string {
	if s.purpose == toMaintain {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return real
		}
	}
	return dir
}

// removeRoot takes away the root directory of a scratch zone that the kernel no longer has.
// illumos may need some time until the last reference to the zone is gone.
func (s *setup) removeRoot() error {
	root := s.root()
	if s.onIllumos() {
		if err := s.removeMemory(root); err != nil {
			return err
		}
	} else {
		for _, dir := range mountPoints {
			_ = os.Remove(root + dir) // anything else in it isn't of the scratch zone
		}
	}
	_ = os.Remove(root)
	return nil
}

const luTries = 10 // seconds

// removeMemory unmounts what is mounted on a scratch zone's root, if anything is.
func (s *setup) removeMemory(root string) error {
	if err := s.unmountAll(-1); err != nil {
		return err
	}
	for try := 0; ; try++ {
		table, err := mountTable()
		if err != nil {
			return s.r.fail(err, "unable to list the mounts on %s", root)
		}
		if !slices.ContainsFunc(table, func(e mount.Entry) bool { return e.Point == root }) {
			return nil
		}
		err = umount(try == 0, root)
		if errors.Is(err, errno.ENOTSUP) || errors.Is(err, errno.EBUSY) {
			err = umount(false, root)
		}
		if err != nil && (!errors.Is(err, errno.EBUSY) || try >= luTries) {
			return s.r.fail(err, "unable to unmount '%s'", root)
		}
		if err != nil {
			time.Sleep(time.Second)
		}
	}
}

// ofState returns the purpose of a zone that is in a state.
func ofState(state zonecfg.State) purpose {
	if state == zonecfg.Mounted {
		return toMaintain
	}
	return toBoot
}
