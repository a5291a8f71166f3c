package zoneadmd

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// ready makes a zone: the kernel has it and nothing of its own runs. What it was
// made from is returned.
func (d *Daemon) ready(r *request) (*setup, error) {
	s, err := d.open(r, false)
	if err != nil {
		return nil, err
	}
	if err := s.pre(zone.CommandReady); err != nil {
		return nil, err
	}
	if err := s.snapshot(); err != nil {
		s.undone(zonecfg.Ready)
		return nil, r.fail(err, "unable to create snapshot")
	}
	id, err := s.create()
	if err != nil {
		d.Store.RemoveSnapshot(d.Zone)
		s.undone(zonecfg.Ready)
		return nil, err
	}
	r.id = id
	if err := s.bringUp(id); err != nil {
		r.silent = true
		s.teardown(false)
		r.silent = false
		d.Store.RemoveSnapshot(d.Zone)
		s.undone(zonecfg.Ready)
		return nil, err
	}
	d.made = id
	if err := s.post(zone.CommandReady); err != nil {
		s.undone(zonecfg.Ready)
		return nil, err
	}
	return s, nil
}

// snapshot keeps the configuration that the zone is made from: later changes of it
// count from the next time on.
func (s *setup) snapshot() error {
	s.config.Zonepath = resolve(s.path, s.Store.Root())
	return s.Store.WriteSnapshot(s.config)
}

// resolve returns what a path leads to, through the links that are in it. One below
// an alternate root stays there: what leads out of it is not followed.
func resolve(path, root string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path
	}
	if root == "" || within(real, root) {
		return real
	}
	if realRoot, err := filepath.EvalSymlinks(root); err == nil && within(real, realRoot) {
		return root + strings.TrimPrefix(real, realRoot)
	}
	return path
}

// root is the zone's root directory.
func (s *setup) root() string { return s.config.Zonepath + "/root" }

// create makes the zone in the kernel and gives it its attributes.
func (s *setup) create() (zone.ID, error) {
	r, c := s.r, s.config
	def := &zone.Def{Name: s.Zone, Root: s.root(), Flags: c.CreateFlags()}
	var err error
	if def.Privs, err = c.Privileges(&s.brand.Privileges); err != nil {
		var limit *priv.LimitError
		if errors.As(err, &limit) {
			return -1, r.fail(nil, "%s", limit.Error())
		}
		return -1, r.fail(nil, "failed to determine the zone's privilege set")
	}
	rctls, _, err := c.Rctls()
	if err == nil {
		def.Rctls, err = rctls.Pack()
	}
	if err != nil {
		r.say("%s", rctlText(err))
		return -1, r.fail(nil, "Unable to get list of rctls")
	}
	implicit, err := s.implicitDatasets()
	if err != nil {
		r.say("getting implicit datasets failed")
		return -1, r.fail(nil, "Unable to get list of ZFS datasets")
	}
	def.Datasets = c.Datasets(implicit)
	if err := s.conflicts(def.Root); err != nil {
		return -1, err
	}
	s.nowMaking()
	id, err := s.createPatiently(def)
	if err != nil {
		return -1, s.createFailed(def.Root, err)
	}
	if err := s.setAttributes(id); err != nil {
		s.Kernel.Shutdown(id)
		s.Kernel.Destroy(id)
		return -1, err
	}
	return id, nil
}

// How long a zone that is still there may take to go, and how often that is looked at.
const (
	busyTime  = 2 * time.Second
	busyPause = 10 * time.Millisecond
)

// createPatiently makes the zone in the kernel. One of its name may just be going, or
// be made for a daemon that has been killed.
func (s *setup) createPatiently(def *zone.Def) (zone.ID, error) {
	for deadline := time.Now().Add(busyTime); ; time.Sleep(busyPause) {
		id, err := s.Kernel.Create(def)
		var e *zone.Error
		taken := errors.As(err, &e) && e.Ext == zone.ExtUnknown && (e.Errno == errno.EBUSY || e.Errno == errno.EEXIST)
		if !taken || time.Now().After(deadline) {
			return id, err
		}
	}
}

// rctlText is what zoneadmd says of a value.
func rctlText(err error) string {
	var bad *rctl.Error
	if errors.As(err, &bad) {
		return bad.Reason
	}
	return err.Error()
}

// implicitDatasets asks the brand which datasets its zones have anyway.
func (s *setup) implicitDatasets() (string, error) {
	text := s.brand.Command(brand.Query, s.Zone, s.path)
	if text == "" {
		return "", nil
	}
	var out strings.Builder
	if err := s.run(text, " datasets", &out); err != nil {
		return "", err
	}
	return strings.TrimRight(out.String(), "\n"), nil
}

// conflicts finds another zone, or a mount, through which the zone's root can be
// reached.
func (s *setup) conflicts(root string) error {
	ids, err := zone.IDs(s.Kernel)
	if err != nil {
		return s.r.fail(err, "unable to list the zones that are active")
	}
	for _, id := range ids {
		other, err := zone.RootOf(s.Kernel, id)
		if err != nil || id == zone.GlobalID {
			continue // gone meanwhile
		}
		if within(root, other) || within(other, root) {
			name, _ := zone.NameOf(s.Kernel, id)
			return s.r.fail(nil, "zone root %s already in use by zone %s", root, name)
		}
	}
	mounts, err := mountsOf(root)
	if err != nil {
		return nil // this system tells nobody
	}
	if len(mounts.through) > 0 {
		return s.r.fail(nil, "zone root %s is reachable through %s", root, mounts.through[0])
	}
	if len(mounts.below) > 0 {
		return s.createFailed(root, &zone.Error{Op: "zone_create", Errno: errno.EBUSY, Ext: zone.ExtMounts})
	}
	return nil
}

// within tells that a path is another one or lies below it.
func within(path, other string) bool {
	return path == other || strings.HasPrefix(path, strings.TrimSuffix(other, "/")+"/")
}

// createFailed tells why the kernel made no zone.
func (s *setup) createFailed(root string, err error) error {
	var e *zone.Error
	if !errors.As(err, &e) {
		return s.r.fail(err, "zone_create failed")
	}
	switch e.Ext {
	case zone.ExtMounts:
		if mounts, err := mountsOf(root); err == nil && len(mounts.below) > 0 {
			s.r.say("These file-systems are mounted on subdirectories of %s:", root)
			for _, m := range mounts.below {
				s.r.say("  %s", m)
			}
			return &told{text: "file systems are mounted below " + root, err: err}
		}
		return s.r.fail(nil, "An unknown file-system is mounted on a subdirectory of %s", root)
	case zone.ExtChrooted:
		return s.r.fail(nil, "zone_create: cannot create a zone from a chrooted environment")
	}
	return s.r.fail(err, "zone_create failed")
}

// setAttributes gives the zone what the kernel is told of it, in zoneadmd's order.
func (s *setup) setAttributes(id zone.ID) error {
	for _, set := range []func(zone.ID) error{s.setHostID, s.setFSAllowed, s.setSecFlags, s.setBrand, s.setMemoryCap, s.setSchedClass, s.setPool} {
		if err := set(id); err != nil {
			return err
		}
	}
	return nil
}

func (s *setup) setHostID(id zone.ID) error {
	hostid, set, err := s.config.KernelHostID()
	if err != nil {
		return s.r.fail(nil, "%s", invalidText(err))
	}
	if set {
		if err := zone.SetHostID(s.Kernel, id, hostid); err != nil {
			return s.r.fail(err, "unable to set zone hostid")
		}
	}
	return nil
}

// invalidText is what zoneadmd says of a property.
func invalidText(err error) string {
	var invalid *zonecfg.Invalid
	if errors.As(err, &invalid) {
		return invalid.Text
	}
	return err.Error()
}

func (s *setup) setFSAllowed(id zone.ID) error {
	list, set, err := s.config.KernelFSAllowed()
	if err != nil {
		return s.r.fail(nil, "%s", invalidText(err))
	}
	if set {
		if err := zone.SetText(s.Kernel, id, zone.AttrFSAllowed, list); err != nil {
			return s.r.fail(err, "unable to set the file systems that may be mounted")
		}
	}
	return nil
}

func (s *setup) setSecFlags(id zone.ID) error {
	flags, err := s.config.SecFlags(s.brand.SecurityFlags)
	if err != nil {
		return s.r.fail(nil, "%s", err)
	}
	raw, err := flags.AppendBinary(nil)
	if err == nil {
		err = s.Kernel.Setattr(id, zone.AttrSecFlags, raw)
	}
	if err != nil {
		return s.r.fail(err, "unable to set zone security flags")
	}
	return nil
}

func (s *setup) setBrand(id zone.ID) error {
	if s.brand.Module == "" {
		return nil // its zones behave like the system itself
	}
	if err := zone.SetBrand(s.Kernel, id, s.brand.Name); err != nil {
		return s.r.fail(err, "unable to set zone brand '%s'", s.brand.Name)
	}
	return nil
}

func (s *setup) setMemoryCap(id zone.ID) error {
	bytes, set, err := s.config.MemoryCap()
	if err == nil && set {
		err = zone.SetPhysMcap(s.Kernel, id, bytes)
	}
	if err != nil {
		return s.r.fail(err, "could not set zone memory cap")
	}
	return nil
}

const (
	fairShare = "FSS"
	cpuShares = "zone.cpu-shares"
)

// setSchedClass gives the zone its scheduling class: the configured one, or the fair
// share one where shares are to count.
func (s *setup) setSchedClass(id zone.ID) error {
	class := s.config.SchedClass
	if class == "" {
		if rctls, _, err := s.config.Rctls(); err != nil || rctls.Values(cpuShares) == nil {
			return nil
		}
		if !s.enforced(cpuShares) {
			s.r.say("WARNING: The zone.cpu-shares rctl is set but\nFSS is not the default scheduling class for\nthis zone.  FSS will be used for processes\nin the zone but to get the full benefit of FSS,\nit should be the default scheduling class.\nSee dispadmin(8) for more details.")
		}
		class = fairShare
	}
	if err := zone.SetText(s.Kernel, id, zone.AttrSchedClass, class); err != nil {
		s.r.fail(err, "WARNING: unable to set the default scheduling class")
	}
	return nil
}

// enforced tells that the machine makes something true for every process, so that
// there is nothing to warn of.
func (s *setup) enforced(concept string) bool {
	report, err := s.report()
	if err != nil {
		return false
	}
	for _, c := range report.Capabilities {
		if c.Concept == concept {
			return c.Class == "enforced"
		}
	}
	return false
}

// setPool binds the zone to processors. Kernels that have no pools say so: for a
// pool that is only a warning, processors of its own the zone can't do without.
func (s *setup) setPool(id zone.ID) error {
	cpus, err := s.config.CPUs()
	if err == nil && cpus != nil {
		err = fmt.Errorf("%w: this machine has no pools", errno.ENOTSUP)
	}
	if err != nil {
		s.r.say("%s: %s", zonecfg.ErrPoolsEnable, reason(err))
		return s.r.fail(nil, "dedicated-cpu setting cannot be instantiated")
	}
	if pool := s.config.Pool; pool != "" && pool != "pool_default" {
		s.r.say("WARNING: unable to bind to pool '%s'; using default pool.", pool)
		s.r.say("WARNING: %s", zonecfg.ErrPoolsNotActive)
	}
	return nil
}
