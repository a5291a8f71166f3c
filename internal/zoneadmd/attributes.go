package zoneadmd

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// attributes plans the attributes that the kernel sets on the new zone, in zoneadmd's
// order.
func (s *setup) attributes(p *plan) error {
	for _, set := range []func(*plan) error{s.hostID, s.fsAllowed, s.secFlags, s.kernelBrand, s.memoryCap, s.schedClass, s.pool} {
		if err := set(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *setup) hostID(p *plan) error {
	hostid, set, err := s.config.KernelHostID()
	if err != nil {
		return s.r.refuse(nil, "%s", invalidText(err))
	}
	if set {
		p.add(zone.HostIDAttribute(hostid), "unable to set zone hostid")
	}
	return nil
}

// invalidText returns zoneadmd's text for an invalid property.
func invalidText(err error) string {
	var invalid *zonecfg.Invalid
	if errors.As(err, &invalid) {
		return invalid.Text
	}
	return err.Error()
}

func (s *setup) fsAllowed(p *plan) error {
	list, set, err := s.config.KernelFSAllowed()
	if err != nil {
		return s.r.refuse(nil, "%s", invalidText(err))
	}
	if set {
		p.add(zone.TextAttribute(zone.AttrFSAllowed, list), "unable to set the file systems that may be mounted")
	}
	return nil
}

func (s *setup) secFlags(p *plan) error {
	flags, err := s.config.SecFlags(s.brand.SecurityFlags)
	if err != nil {
		return s.r.refuse(nil, "%s", err)
	}
	const failed = "unable to set zone security flags"
	raw, err := flags.AppendBinary(nil)
	if err != nil {
		return s.r.fail(err, failed)
	}
	p.add(zone.Attribute(zone.AttrSecFlags, raw), failed)
	return nil
}

func (s *setup) kernelBrand(p *plan) error {
	if s.brand.Module == "" {
		return nil // its zones behave like the system itself
	}
	const failed = "unable to set zone brand '%s'"
	step, err := zone.BrandAttribute(s.brand.Name, s.brand.Module)
	if err != nil {
		return s.r.fail(err, failed, s.brand.Name)
	}
	p.add(step, failed, s.brand.Name)
	return nil
}

func (s *setup) memoryCap(p *plan) error {
	const failed = "could not set zone memory cap"
	bytes, set, err := s.config.MemoryCap()
	if err != nil {
		return s.r.fail(err, failed)
	}
	if !set {
		return nil
	}
	p.add(zone.PhysMcapAttribute(bytes), failed)
	if k, ok := s.Kernel.(services); ok {
		if err := k.EnableService("svc:/system/rcap:default"); err != nil {
			s.say("%v", err)
			return s.r.refuse(err, "enabling system/rcap service failed: %s", reason(err))
		}
	}
	return nil
}

// services is a kernel beside which services do what it doesn't: on illumos rcapd(8) pages
// zones out that exceed their caps, and poold(8) moves processors.
type services interface {
	EnableService(service string) error
	ServiceEnabled(service string) bool
}

const noPoold = `WARNING: A range of dedicated-cpus has been specified
but the dynamic pool service is not enabled.
The system will not dynamically adjust the
processor allocation within the specified range
until svc:/system/pools/dynamic is enabled.
See poold(8).`

const (
	fairShare = "FSS"
	cpuShares = "zone.cpu-shares"
)

// schedClass plans the zone's scheduling class: the configured one, or the fair share
// class if the zone has shares.
func (s *setup) schedClass(p *plan) error {
	class := s.config.SchedClass
	if class == "" {
		if rctls, _, err := s.config.Rctls(); err != nil || rctls.Values(cpuShares) == nil {
			return nil
		}
		if !s.enforced(cpuShares) && s.classes() {
			s.r.say("WARNING: The zone.cpu-shares rctl is set but\nFSS is not the default scheduling class for\nthis zone.  FSS will be used for processes\nin the zone but to get the full benefit of FSS,\nit should be the default scheduling class.\nSee dispadmin(8) for more details.")
		}
		class = fairShare
	}
	p.try(zone.TextAttribute(zone.AttrSchedClass, class), func(err error) error {
		s.r.fail(err, "WARNING: unable to set the default scheduling class")
		return nil
	})
	return nil
}

// classes reports whether the kernel has the scheduling classes of illumos.
func (s *setup) classes() bool {
	report, err := s.report()
	return err == nil && report.Host != "linux"
}

// enforced reports whether the kernel enforces a concept for every process, so that no
// warning is needed.
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

// pool checks the zone's processors. On a kernel without pools, a configured pool is only a
// warning; dedicated processors are an error. Others bind the zone when it is made: bindPool.
func (s *setup) pool(*plan) error {
	_, binds := s.Kernel.(zone.Pools)
	cpus, err := s.config.CPUs()
	if err == nil && cpus != nil && !binds {
		err = fmt.Errorf("%w: this machine has no pools", errno.ENOTSUP)
	}
	if err != nil {
		s.r.say("%s: %s", zonecfg.ErrPoolsEnable, reason(err))
		return s.r.refuse(err, "dedicated-cpu setting cannot be instantiated")
	}
	if pool := s.config.Pool; pool != "" && pool != "pool_default" && !binds {
		s.r.say("WARNING: unable to bind to pool '%s'; using default pool.", pool)
		s.r.say("WARNING: %s", zonecfg.ErrPoolsNotActive)
	}
	return nil
}

// bindPool binds a zone that has been made to processors of its own, or to the configured pool.
// It may use the processors of all if the pool isn't there, but not if they were to be its own.
func (s *setup) bindPool(id zone.ID) error {
	k, ok := s.Kernel.(zone.Pools)
	if !ok {
		return nil
	}
	cpus, err := s.config.CPUs()
	if err == nil && cpus != nil {
		err = k.BindOwnPool(id, zone.Processors{Min: cpus.Min, Max: cpus.Max, Importance: cpus.Importance})
	}
	if err != nil {
		s.r.say("%s: %v", zonecfg.ErrPoolCreate, err)
		return s.r.refuse(err, "dedicated-cpu setting cannot be instantiated")
	}
	if services, ok := s.Kernel.(services); ok && cpus != nil && cpus.Min != cpus.Max && !services.ServiceEnabled("svc:/system/pools/dynamic:default") {
		s.r.say("%s", noPoold)
	}
	if pool := s.config.Pool; pool != "" {
		if err := k.BindPool(id, pool); err != nil {
			s.say("%v", err)
			s.r.say("WARNING: unable to bind to pool '%s'; using default pool.", pool)
			return nil
		}
	}
	if links, ok := s.pooledLinks(); ok {
		if err := links.PoolLinks(id, s.config.Pool); err != nil {
			s.say("%v", err)
			s.r.say("WARNING: unable to set pool to datalinks")
		}
	}
	return nil
}

// linkPools is a kernel whose data links can be bound to pools.
type linkPools interface {
	PoolLinks(id zone.ID, pool string) error
	UnpoolLinks(id zone.ID, pool string) error
}

// pooledLinks returns the kernel if the zone has links of its own and a pool.
func (s *setup) pooledLinks() (linkPools, bool) {
	k, ok := s.Kernel.(linkPools)
	return k, ok && s.config.CreateFlags()&zone.CreateNetExcl != 0 && (s.config.Pool != "" || s.config.DedicatedCPU != nil)
}

// unpoolLinks takes the zone's links from its pool. A zone is halted also if that fails.
func (s *setup) unpoolLinks(id zone.ID) {
	k, ok := s.pooledLinks()
	if !ok {
		return
	}
	if err := k.UnpoolLinks(id, s.config.Pool); err != nil {
		s.say("%v", err)
		s.r.say("unable to clear datalink pool property")
	}
}

// removePool gives back the processors that were the zone's own.
func (s *setup) removePool() error {
	k, ok := s.Kernel.(zone.Pools)
	if !ok || s.config.DedicatedCPU == nil {
		return nil
	}
	if err := k.RemoveOwnPool(s.Zone); err != nil {
		s.say("%v", err)
		return s.r.refuse(err, "unable to destroy the zone's temporary pool")
	}
	return nil
}
