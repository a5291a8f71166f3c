package zoneadmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/gozones/zones/internal/mounted"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg/brand"
)

// halt takes a zone down. rebooting says that it is booted again right after.
func (d *Daemon) halt(r *request, rebooting bool) error {
	s, err := d.openAny(r)
	if err != nil {
		return err
	}
	s.purpose = ofState(r.state)
	if err := s.pre(zone.CommandHalt); err != nil {
		return err
	}
	if err := s.teardown(rebooting); err != nil {
		if !r.recovery {
			r.say("unable to destroy zone")
		}
		return err
	}
	_ = d.Store.RemoveSnapshot(d.Zone)
	return s.post(zone.CommandHalt)
}

// openAny opens what exists of a zone's configuration: an active zone without a
// snapshot can still be taken down.
func (d *Daemon) openAny(r *request) (*setup, error) {
	config, err := d.load(true)
	if err != nil {
		if config, err = d.load(false); err != nil {
			return nil, r.fail(err, "invalid configuration")
		}
	}
	config.Zonepath = d.pathOf(config.Zonepath)
	b, err := d.openBrand(config)
	if err != nil {
		return nil, r.refuse(err, "unable to open zone brand")
	}
	return &setup{Daemon: d, r: r, brand: b, config: config}, nil
}

func (d *Daemon) pathOf(configured string) string {
	if configured == "" {
		return d.path
	}
	return configured
}

// teardown kills the zone's processes and removes the zone.
func (s *setup) teardown(rebooting bool) error {
	id, err := s.Kernel.Lookup(s.Zone)
	if err != nil {
		if s.scratch() {
			_ = s.removeRoot() // the caller is told why the zone isn't there
		}
		if s.r.recovery {
			return because("no zone to take down", err)
		}
		return s.r.fail(err, "unable to get zoneid")
	}
	defer trace.Begin(trace.Step, "take the zone down")()
	s.unpoolLinks(id)
	s.unprotect(id)
	if err := s.patiently("zone_shutdown", id, s.Kernel.Shutdown); err != nil {
		return s.r.fail(err, "unable to shutdown zone")
	}
	if err := s.hook(brand.Halt); err != nil {
		return err
	}
	if !s.scratch() {
		if err := s.removeNetwork(id); err != nil {
			return err
		}
		s.unloadLinks(id)
		if err := s.abortConnections(id); err != nil {
			return err
		}
	}
	if err := s.unmountAll(id); err != nil {
		return err
	}
	if !s.scratch() {
		if err := s.removePool(); err != nil {
			return err
		}
	}
	if err := s.patiently("zone_destroy", id, s.Kernel.Destroy); err != nil {
		return s.r.fail(err, "unable to destroy zone")
	}
	s.made = -1
	if s.scratch() {
		return s.removeRoot()
	}
	return nil
}

// unprotect ends the protection of the zone's links. A zone is halted also if that fails.
func (s *setup) unprotect(id zone.ID) {
	k, ok := s.Kernel.(interface{ Unprotect(zone.ID) error })
	if !ok {
		return
	}
	if err := k.Unprotect(id); err != nil {
		s.say("%v", err)
		s.r.say("unable to clear datalink protect property")
	}
}

// removeNetwork removes what the zone has of the host's network. The embedded kernel does that
// when it destroys the zone; illumos' leaves it.
func (s *setup) removeNetwork(id zone.ID) error {
	k, ok := s.Kernel.(interface{ RemoveNetwork(zone.ID) error })
	if !ok {
		return nil
	}
	if err := k.RemoveNetwork(id); err != nil {
		s.say("%v", err)
		return s.r.refuse(err, "unable to unconfigure network interfaces in zone")
	}
	return nil
}

// unloadLinks has the zone's own links forgotten. A zone is halted also if that fails.
func (s *setup) unloadLinks(id zone.ID) {
	k, ok := s.Kernel.(linkLoader)
	if !ok {
		return
	}
	if err := k.UnloadLinks(id); err != nil {
		s.say("%v", err)
		s.r.say("unable to notify dlmgmtd of zone halt: %s", reason(err))
	}
}

// abortConnections ends the zone's TCP connections, which illumos keeps when nobody has them
// any more.
func (s *setup) abortConnections(id zone.ID) error {
	k, ok := s.Kernel.(interface{ AbortConnections(zone.ID) error })
	if !ok {
		return nil
	}
	if err := k.AbortConnections(id); err != nil {
		return s.r.fail(err, "unable to abort TCP connections")
	}
	return nil
}

// slow is the time after which a step of a halt is logged as still waiting, with what
// is known of the cause.
const slow = 10 * time.Second

// patiently makes a call that blocks as long as something holds the zone.
func (s *setup) patiently(what string, id zone.ID, call func(zone.ID) error) error {
	done := make(chan error, 1)
	go func() { done <- call(id) }()
	begin := time.Now()
	for {
		timer := time.NewTimer(slow)
		select {
		case err := <-done:
			timer.Stop()
			return err
		case <-timer.C:
			s.say("%s has been waiting for %v: %s", what, time.Since(begin).Round(time.Second), s.held(id))
		}
	}
}

// held describes what the kernel still has of a zone.
func (s *setup) held(id zone.ID) string {
	status, err := zone.StatusOf(s.Kernel, id)
	if err != nil {
		return "the zone has no state: " + reason(err)
	}
	text := "the zone is " + status.String()
	if links, err := s.Kernel.ListDatalinks(id, nil); err == nil && links > 0 {
		text += fmt.Sprintf(", with %d data links", links)
	}
	if mounts, err := mounted.On(s.root()); err == nil && len(mounts.Below) > 0 {
		text += ", mounted below its root: " + strings.Join(mounts.Below, " ")
	}
	if status == zone.StatusShuttingDown {
		text += "; processes that don't exit, most likely in an uninterruptible wait"
	}
	if status >= zone.StatusDown {
		text += "; the kernel's log lists the references that are held"
	}
	return text
}

// unmountAll unmounts file systems that were mounted below the zone's root in the
// global zone; mounts made in the zone go with the zone, but on illumos they don't. It works
// in rounds, since one mount may keep another busy. If a round unmounts none, it forces one.
// Remote file systems are forced at once: their servers may not answer any more.
func (s *setup) unmountAll(id zone.ID) error {
	before := -1
	remote := mounted.RemoteTypes()
	for {
		mounts, err := mounted.On(s.root())
		if errors.Is(err, fs.ErrNotExist) {
			return nil // without the directory nothing is mounted there
		}
		if err != nil {
			return s.r.fail(err, "unable to list the mounts below %s", s.root())
		}
		if len(mounts.Below) == 0 {
			return nil
		}
		stuck := len(mounts.Below) == before
		before = len(mounts.Below)
		for point, fstype := range mounts.Unmountable() {
			if slices.Contains(remote, fstype) && umount(true, point) == nil {
				continue
			}
			if stuck {
				if err := umount(true, point); err != nil {
					s.r.say("unable to unmount '%s'", point)
					s.tellHolders(point)
					return s.r.refuse(err, "unable to unmount file systems in zone")
				}
				before = -1
				break
			}
			_ = umount(false, point)
		}
		// autofs doesn't let anybody else unmount its trigger nodes.
		if id < 0 {
			continue // there is no zone that could have any
		}
		if err := mount.ReleaseAutofs(int32(id)); err != nil && !errors.Is(err, errno.ENOTSUP) {
			return s.r.fail(err, "unable to remove autofs nodes")
		}
	}
}

// umount unmounts a file system, by the system call where this project has it.
func umount(force bool, point string) error {
	if err := mount.Unmount(point, force); !errors.Is(err, errno.ENOTSUP) {
		return err
	}
	args := []string{point}
	if force {
		args = []string{"-f", point}
	}
	out, err := exec.Command("umount", args...).CombinedOutput()
	if err != nil {
		return &zone.Error{Op: "umount", Name: point, Text: strings.Join(strings.Fields(string(out)), " "), Cause: zone.AsError(err)}
	}
	return nil
}

// tellHolders logs which processes keep a file system busy.
func (s *setup) tellHolders(point string) {
	out, err := exec.Command("fuser", "-c", point).Output()
	if err == nil && len(out) > 0 {
		s.r.say("processes that use '%s': %s", point, out)
	}
}
