package linuxhost

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
)

// hostZone is the host's part of a zone.
type hostZone struct {
	host    *Host
	key     host.ZoneKey
	name    string
	sandbox *sandbox
	group   *group

	mu        sync.Mutex // guards the following fields
	processes map[int]*process
	starts    uint64              // number of starts that have begun
	starting  map[uint64]struct{} // starts that haven't been answered yet, by number
	answered  sync.Cond           // with mu: a start has been answered
	init      *process
	policy    int  // of scheduling, for programs that are started
	dying     bool // DestroyZone was called: the exit of zsched is expected
	over      bool // zsched has exited, and with it every process
}

func newHostZone(h *Host, key host.ZoneKey, name string) *hostZone {
	z := &hostZone{host: h, key: key, name: name, processes: map[int]*process{}, starting: map[uint64]struct{}{}}
	z.answered.L = &z.mu
	return z
}

// zone returns the host's part of a zone.
func (h *Host) zone(key host.ZoneKey) (*hostZone, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if z := h.zones[key]; z != nil {
		return z, nil
	}
	return nil, fmt.Errorf("the host has no zone %d: %w", key.ID, errno.ESRCH)
}

// CreateZone makes a zone's control groups and has the zsched of a sandbox enter the
// zone's root directory.
func (h *Host) CreateZone(spec *host.Spec) (int32, error) {
	if err := h.mounts.unmounted(spec.Root); err != nil {
		return 0, err
	}
	var undos undo.Stack
	defer undos.Run()
	z := newHostZone(h, spec.Key, spec.Name)
	var err error
	if z.group, err = h.groups.make(spec.Name, spec.Key); err != nil {
		return 0, fmt.Errorf("control group: %w", err)
	}
	undos.Add(func() { _ = z.group.remove() })
	if z.sandbox, err = h.takeSandbox(spec.NetExcl); err != nil {
		return 0, err
	}
	undos.Add(z.sandbox.discard)
	if err := z.enter(spec); err != nil {
		return 0, err
	}
	undos.Drop()
	h.mu.Lock()
	h.zones[spec.Key] = z
	h.namespaces[z.sandbox.namespace] = spec.Key
	h.mu.Unlock()
	go z.wait()
	go z.listen()
	return int32(z.sandbox.pid), nil
}

// enter makes the sandbox's zsched the zone's.
func (z *hostZone) enter(spec *host.Spec) error {
	root, err := pickUp(spec.Root, 0)
	if err != nil {
		return fmt.Errorf("zone root: %w", err)
	}
	defer unix.Close(root)
	if kind, err := kindOf(root); err != nil || kind != makeDir {
		if err == nil {
			err = unix.ENOTDIR
		}
		return fmt.Errorf("zone root: %w", failed("open_tree", spec.Root, err))
	}
	entrances, err := z.group.entrances()
	if err != nil {
		return fmt.Errorf("control group: %w", err)
	}
	defer closeFDs(entrances)
	caps := capsOf(spec.Privs, spec.NetExcl)
	filter, err := z.host.filters.of(caps)
	if err != nil {
		return err
	}
	q := &request{Op: opZone, Zone: &zoneRequest{
		Nodename:     spec.Nodename,
		Capabilities: caps,
		Filter:       filter,
		Unified:      z.host.groups.v2,
	}}
	_, _, err = z.sandbox.ask(q, append([]int{root}, entrances...)...)
	return err
}

// KillAll has zsched kill every other process in the zone.
func (h *Host) KillAll(key host.ZoneKey) error {
	z, err := h.zone(key)
	if err == nil {
		_, _, err = z.sandbox.ask(&request{Op: opKill})
	}
	return err
}

// DestroyZone kills zsched and removes everything that was made for the zone.
func (h *Host) DestroyZone(key host.ZoneKey) error {
	z, err := h.zone(key)
	if err != nil {
		return nil
	}
	h.links.takeBack(z)
	z.mu.Lock()
	z.dying = true
	z.mu.Unlock()
	end := trace.Begin(trace.Step, "end the sandbox")
	z.sandbox.end()
	end()
	if err := z.group.remove(); err != nil {
		return fmt.Errorf("control group: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.zones, key)
	delete(h.namespaces, z.sandbox.namespace)
	return nil
}

// Close destroys every zone.
func (h *Host) Close() error {
	h.sandboxes.Close()
	h.mu.Lock()
	var keys []host.ZoneKey
	for key := range h.zones {
		keys = append(keys, key)
	}
	h.mu.Unlock()
	var all []error
	for _, key := range keys {
		all = append(all, h.DestroyZone(key))
	}
	h.groups.sweep()
	return errors.Join(all...)
}
