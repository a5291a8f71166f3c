package machine

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kstat"
	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

var (
	_ zone.Kernel = (*kernel)(nil)
	_ zone.Give   = (*kernel)(nil)
)

// kernel is the system's kernel: zone(2), and the system's interfaces for links,
// statistics, mounts and programs.
type kernel struct {
	zone.Native
	links  datalink.Client
	kstats *kstat.Handle // nil where there are none; err says why
	err    error
}

// Open returns the kernel of this machine. Close it when done; zones and the programs in
// them continue.
func Open() (zone.Kernel, error) {
	k := new(kernel)
	if _, err := k.Version(); err != nil {
		return nil, fmt.Errorf("this system has no zones: %w", err)
	}
	k.kstats, k.err = kstat.Open()
	return k, nil
}

// Running returns the kernel of this machine, which always runs.
func Running() (zone.Kernel, error) { return Open() }

// Own returns the zone of the calling process.
func Own() (zone.Info, error) { return zone.InspectZone(zone.Native{}, "") }

// Close closes what Open has opened.
func (k *kernel) Close() error {
	if k.kstats == nil {
		return nil
	}
	return k.kstats.Close()
}

// Make makes a zone call by call; see [zone.Kernel].
func (k *kernel) Make(def *zone.Definition) (*zone.Outcome, error) { return zone.Make(k, def) }

// BootWith takes the steps and boots the zone; see [zone.Kernel].
func (k *kernel) BootWith(id zone.ID, steps []zone.Step) (*zone.Outcome, error) {
	return zone.BootWith(k, id, steps)
}

// Table returns every zone; see [zone.Kernel].
func (k *kernel) Table() (*zone.Table, error) { return zone.TableOf(k) }

// Inspect returns a zone by its name; see [zone.Kernel].
func (k *kernel) Inspect(name string) (zone.Info, error) { return zone.InspectZone(k, name) }

// LinkByName asks dlmgmtd; see [zone.Kernel].
func (k *kernel) LinkByName(name string) (zone.LinkID, error) {
	link, err := k.links.ByName(name)
	if e, ok := errno.Of(err); ok {
		if e == errno.ENOENT || e == errno.EINVAL {
			e = errno.ENXIO
		}
		return 0, &zone.Error{Op: "dlmgmt_getlinkid", Name: name, Errno: e}
	}
	return zone.LinkID(link.ID), err
}

// LinkName asks dlmgmtd; see [zone.Kernel].
func (k *kernel) LinkName(id zone.LinkID) (string, error) {
	link, err := k.links.ByID(datalink.ID(id))
	if e, ok := errno.Of(err); ok {
		if e == errno.ENOENT || e == errno.EINVAL {
			e = errno.ENXIO
		}
		return "", &zone.Error{Op: "dlmgmt_getname", Name: fmt.Sprintf("link %d", id), Errno: e}
	}
	return link.Name, err
}

// zoneClasses are the classes of statistics about zones.
var zoneClasses = []string{"zone_caps", "zone_memory_cap", "zone_misc"}

// Kstats reads the statistics about zones; see [zone.Kernel].
func (k *kernel) Kstats() ([]zone.Kstat, error) {
	if k.kstats == nil {
		return nil, k.err
	}
	var list []zone.Kstat
	for _, class := range zoneClasses {
		stats, err := k.kstats.Read(kstat.Filter{Class: class})
		if err != nil {
			return nil, err
		}
		for _, s := range stats {
			one := zone.Kstat{Module: s.Module, Instance: s.Instance, Name: s.Name, Class: s.Class, Data: map[string]any{}}
			for _, v := range s.Values {
				one.Data[v.Name] = v.Value
			}
			list = append(list, one)
		}
	}
	return list, nil
}

// linkDaemon returns why dlmgmtd doesn't answer. There is no link 0, as it says.
func (k *kernel) linkDaemon() error {
	if _, err := os.Stat(cmp.Or(k.links.Door, datalink.DefaultDoor)); err != nil {
		return err // else it would be as if there were no link
	}
	_, err := k.links.ByID(0)
	if errors.Is(err, errno.ENOENT) || errors.Is(err, errno.EINVAL) {
		return nil
	}
	return err
}

// Report returns the system's version, and which of its interfaces this process may use; see
// [zone.Kernel].
func (k *kernel) Report() (zone.Report, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return zone.Report{}, err
	}
	r := zone.Report{Host: "illumos", Detail: unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:]) + " " + unix.ByteSliceToString(u.Version[:])}
	add := func(concept, mechanism string, err error) {
		c := zone.Capability{Concept: concept, Mechanism: mechanism, Class: "enforced"}
		if err != nil {
			c.Class, c.Missing = "refused", err.Error()
		}
		r.Capabilities = append(r.Capabilities, c)
	}
	add("zones", "zone(2)", nil)
	add("kstats", "the kernel's statistics", k.err)
	add("names of data links", "dlmgmtd's door", k.linkDaemon())
	events := zone.Capability{Concept: "state changes", Mechanism: "the event channel com.sun:zones:status", Class: "enforced"}
	if s, err := subscribe(); err == nil {
		s.Close()
	} else {
		events.Mechanism, events.Class = "polling", "reported"
		events.Missing = "states that a zone has for less than a second may not be seen: " + err.Error()
	}
	r.Capabilities = append(r.Capabilities, events)
	return r, nil
}
