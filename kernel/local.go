package kernel

import (
	"context"
	"fmt"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.Kernel = (*Local)(nil)

// Local is the kernel as one process of it sees it: the [zone.Kernel] for programs and
// tests that have the kernel in their own process. The calls are the process's own,
// with its privileges.
type Local struct {
	*Proc
	// Detail is included in reports: why the host isn't the expected one.
	Detail string
}

// Local returns the kernel as the process sees it.
func (p *Proc) Local() *Local { return &Local{Proc: p} }

// Make makes a zone from a whole definition; see [zone.Make].
func (l *Local) Make(def *zone.Definition) (*zone.Outcome, error) { return zone.Make(l, def) }

// BootWith takes the steps and boots the zone; see [zone.BootWith].
func (l *Local) BootWith(id zone.ID, steps []zone.Step) (*zone.Outcome, error) {
	return zone.BootWith(l, id, steps)
}

// Table describes every zone that the process sees.
func (l *Local) Table() (*zone.Table, error) { return zone.TableOf(l) }

// Inspect describes a zone by its name.
func (l *Local) Inspect(name string) (zone.Info, error) { return zone.InspectZone(l, name) }

// MountAll mounts file systems inside a zone; see [Proc.MountAll].
func (l *Local) MountAll(id zone.ID, mounts []zone.Mount) (int, error) {
	list := make([]host.Mount, len(mounts))
	for i, m := range mounts {
		list[i] = host.Mount{Point: m.Point, Resource: m.Special, FSType: m.FSType, Options: m.Options, MakePoint: m.MakePoint}
	}
	return l.Proc.MountAll(id, list)
}

// LinkByName returns a data link's id; ENXIO for one that doesn't exist.
func (l *Local) LinkByName(name string) (zone.LinkID, error) {
	id, err := l.k.host.LinkByName(name)
	if err != nil {
		return 0, because(&zone.Error{Op: "link_by_name", Name: name}, err)
	}
	return id, nil
}

// LinkName returns a data link's name; ENXIO for one that doesn't exist.
func (l *Local) LinkName(id zone.LinkID) (string, error) {
	name, err := l.k.host.LinkName(id)
	if err != nil {
		return "", because(&zone.Error{Op: "link_name", Name: fmt.Sprintf("link %d", id)}, err)
	}
	return name, nil
}

// Kstats reads the statistics of the zones that the process sees.
func (l *Local) Kstats() ([]zone.Kstat, error) {
	var all []zone.Kstat
	for _, ks := range l.k.Kstats(l.Zone().ID()) {
		data := make(map[string]any, len(ks.Data))
		for _, v := range ks.Data {
			data[v.Name] = v.Value
		}
		all = append(all, zone.Kstat{Module: ks.Module, Instance: ks.Instance, Name: ks.Name, Class: ks.Class, Data: data})
	}
	return all, nil
}

// Report tells what the kernel runs on and what that can make true.
func (l *Local) Report() (zone.Report, error) {
	h := l.k.host
	report := zone.Report{Host: h.Name(), Detail: l.Detail}
	for _, c := range h.Capabilities() {
		report.Capabilities = append(report.Capabilities, zone.Capability{
			Concept: c.Concept, Mechanism: c.Mechanism, Class: string(c.Class), Missing: c.Missing})
	}
	return report, nil
}

// Watch follows state changes until ctx is done or the kernel is closed; then the
// channel is closed.
func (l *Local) Watch(ctx context.Context) (<-chan zone.Event, error) {
	return l.WatchZone(ctx, "")
}

// WatchZone is Watch for the zones of one name.
func (l *Local) WatchZone(ctx context.Context, name string) (<-chan zone.Event, error) {
	w := l.k.WatchZone(name)
	events := make(chan zone.Event)
	go func() {
		defer close(events)
		defer w.Close()
		for more := true; more; {
			select {
			case <-ctx.Done():
				return
			case <-w.More():
			}
			var list []zone.Event
			list, more = w.Events()
			for _, e := range list {
				select {
				case events <- e:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return events, nil
}

// Close does nothing: the kernel is closed by its creator.
func (l *Local) Close() error { return nil }
