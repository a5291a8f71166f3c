package sim

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Host is the machine in memory. The zero value is not ready, see [New].
type Host struct {
	mu      sync.Mutex // guards everything below; no other lock is taken under it
	tree    *Tree
	links   map[string]zone.LinkID
	limits  map[host.ZoneKey]map[string]uint64
	mounts  map[host.ZoneKey][]host.Mount
	initErr errno.Errno
}

var _ host.Host = (*Host)(nil)

// New returns a machine on which every absolute path is a directory.
func New() *Host {
	return &Host{
		links:  map[string]zone.LinkID{},
		limits: map[host.ZoneKey]map[string]uint64{},
		mounts: map[host.ZoneKey][]host.Mount{},
	}
}

// SetTree makes the machine's directories those of tree; nil: every path exists.
func (h *Host) SetTree(tree *Tree) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tree = tree
}

// FailInit makes executing any zone's init fail with e; 0 makes it work again.
func (h *Host) FailInit(e errno.Errno) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.initErr = e
}

// AddLink puts a data link into the machine and returns its id.
func (h *Host) AddLink(name string) zone.LinkID {
	h.mu.Lock()
	defer h.mu.Unlock()
	id, ok := h.links[name]
	if !ok {
		id = zone.LinkID(len(h.links) + 1)
		h.links[name] = id
	}
	return id
}

// Limit returns the value that the kernel last set for a control of a zone.
func (h *Host) Limit(key host.ZoneKey, name string) (uint64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.limits[key][name]
	return v, ok
}

// Name returns "sim".
func (h *Host) Name() string { return "sim" }

// Capabilities reports every concept as kept but not enforced.
func (h *Host) Capabilities() []host.Capability {
	concepts := []string{"zone root", "zsched", "init", "process visibility", "node name", "ipc",
		"ip-type exclusive", "ip-type shared", "rctls", "privileges", "security-flags", "hostid", "file systems", "console"}
	rows := make([]host.Capability, len(concepts))
	for i, c := range concepts {
		rows[i] = host.Capability{Concept: c, Mechanism: "kept in memory", Class: host.Reported, Missing: "nothing real runs on the sim host"}
	}
	return rows
}

// Resolve looks a path up in the tree.
func (h *Host) Resolve(p string) (string, error) {
	h.mu.Lock()
	tree := h.tree
	h.mu.Unlock()
	if tree != nil {
		return tree.Resolve(p)
	}
	if p == "" {
		return "", errno.ENOENT
	}
	if clean := path.Clean("/" + p); clean != "/" {
		return clean, nil
	}
	return "/", nil
}

// CreateZone makes nothing: the kernel keeps the zone's processes.
func (h *Host) CreateZone(spec *host.Spec) (int32, error) { return 0, nil }

// SetRctl keeps the limit for [Host.Limit].
func (h *Host) SetRctl(key host.ZoneKey, name string, limit uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.limits[key] == nil {
		h.limits[key] = map[string]uint64{}
	}
	h.limits[key][name] = limit
	return nil
}

// SetAttr accepts every value.
func (h *Host) SetAttr(host.ZoneKey, zone.Attr, []byte) error { return nil }

// StartInit succeeds unless [Host.FailInit] says otherwise.
func (h *Host) StartInit(host.ZoneKey, *host.Init) (int32, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.initErr != 0 {
		return 0, h.initErr
	}
	return 0, nil
}

// Start fails: there are no programs in memory.
func (h *Host) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	return nil, fmt.Errorf("%s: no programs on the sim host: %w", cmd.Path, errno.ENOENT)
}

// KillAll has nothing to kill beyond what the kernel keeps.
func (h *Host) KillAll(host.ZoneKey) error { return nil }

// DestroyZone forgets the zone's limits and mounts.
func (h *Host) DestroyZone(key host.ZoneKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.limits, key)
	delete(h.mounts, key)
	return nil
}

// Mounts returns the file systems of every zone.
func (h *Host) Mounts() ([]host.Mount, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []host.Mount
	for _, key := range slices.SortedFunc(maps.Keys(h.mounts), func(a, b host.ZoneKey) int { return int(a.ID) - int(b.ID) }) {
		all = append(all, h.mounts[key]...)
	}
	return all, nil
}

// Mount enters file systems into the zone's list; EBUSY when a point has one.
func (h *Host) Mount(key host.ZoneKey, mounts []host.Mount) (done int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range mounts {
		if slices.ContainsFunc(h.mounts[key], func(have host.Mount) bool { return have.Point == m.Point }) {
			return done, errno.EBUSY
		}
		h.mounts[key] = append(h.mounts[key], m)
		done++
	}
	return done, nil
}

// Unmount takes it out; EINVAL when nothing is mounted there.
func (h *Host) Unmount(key host.ZoneKey, point string, force bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, have := range h.mounts[key] {
		if have.Point == point {
			h.mounts[key] = slices.Delete(h.mounts[key], i, i+1)
			return nil
		}
	}
	return errno.EINVAL
}

// LinkByName returns the id of a link that was added; ENXIO otherwise.
func (h *Host) LinkByName(name string) (zone.LinkID, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id, ok := h.links[name]; ok {
		return id, nil
	}
	return 0, errno.ENXIO
}

// LinkName is the other way round.
func (h *Host) LinkName(id zone.LinkID) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, have := range h.links {
		if have == id {
			return name, nil
		}
	}
	return "", errno.ENXIO
}

// MoveLink and SetAddress accept what names a link of the machine.
func (h *Host) MoveLink(id zone.LinkID, from, to host.ZoneKey) error {
	_, err := h.LinkName(id)
	return err
}

// SetAddress accepts an address on a link of the machine.
func (h *Host) SetAddress(key host.ZoneKey, link, prefix string, add bool) error {
	_, err := h.LinkByName(link)
	return err
}

// Usage knows nothing.
func (h *Host) Usage(host.ZoneKey) (host.Usage, error) {
	return host.Usage{Processes: -1, LWPs: -1, RSS: -1, Swap: -1, Locked: -1, NsecUser: -1, NsecSys: -1, Runnable: -1}, nil
}

// ZoneOf says that every process of the machine is in the global zone.
func (h *Host) ZoneOf(int32) (host.ZoneKey, error) { return host.ZoneKey{}, nil }

// OpenDaemon finds no daemon.
func (h *Host) OpenDaemon(string) (host.Daemon, error) { return nil, errno.ENOENT }

// Notify has nothing to tell: no process of this machine ends by itself.
func (h *Host) Notify(func(host.Exit)) {}

// Close does nothing.
func (h *Host) Close() error { return nil }

// Tree is a file tree for [Host.SetTree].
type Tree struct{ nodes map[string]Node }

// Node is a file of a [Tree].
type Node struct {
	Link   string      // target of a symbolic link
	File   bool        // not a directory
	NoExec bool        // execute access is refused
	Lookup errno.Errno // looking it up fails
	Mount  errno.Errno // it is a mount point that can't be crossed
}

// NewTree makes a tree of the nodes by their absolute paths.
func NewTree(nodes map[string]Node) *Tree { return &Tree{nodes: maps.Clone(nodes)} }

const (
	maxLinks     = 10  // MAXSYMLINKS as the recordings have it
	maxComponent = 255 // MAXNAMELEN - 1
	maxPath      = 1023
)

// Resolve follows a path: ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG as lookups have
// them, EACCES where execute access is refused.
func (t *Tree) Resolve(p string) (string, error) {
	if p == "" {
		return "", errno.ENOENT
	}
	if len(p) > maxPath {
		return "", errno.ENAMETOOLONG
	}
	at, links := "/", 0
	dirWanted := strings.HasSuffix(p, "/")
	rest := strings.Split(p, "/")
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		if len(name) > maxComponent {
			return "", errno.ENAMETOOLONG
		}
		if t.nodes[at].File && (name != "" || dirWanted || len(rest) > 0) {
			return "", errno.ENOTDIR
		}
		switch name {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, name)
		node, ok := t.nodes[next]
		if !ok {
			return "", errno.ENOENT
		}
		if node.Lookup != 0 {
			return "", node.Lookup
		}
		if node.Link == "" {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", errno.ELOOP
		}
		if strings.HasPrefix(node.Link, "/") {
			at = "/"
		}
		rest = append(strings.Split(node.Link, "/"), rest...)
	}
	node := t.nodes[at]
	if node.File && dirWanted {
		return "", errno.ENOTDIR
	}
	if node.NoExec {
		return "", errno.EACCES
	}
	if node.Mount != 0 {
		return "", node.Mount
	}
	return at, nil
}
