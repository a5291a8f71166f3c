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

// Host is a machine in memory. Use [New]; the zero value isn't usable.
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

// SetTree sets the files that [Host.Resolve] looks up. With nil every path is a directory.
func (h *Host) SetTree(tree *Tree) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tree = tree
}

// FailInit makes [Host.StartInit] fail with e for every zone; 0 makes it succeed again.
func (h *Host) FailInit(e errno.Errno) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.initErr = e
}

// AddLink adds a data link to the machine and returns its id.
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

// Limit returns the limit that the kernel set last for a control of a zone, and whether it
// set one.
func (h *Host) Limit(key host.ZoneKey, name string) (uint64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.limits[key][name]
	return v, ok
}

// Name returns "sim".
func (h *Host) Name() string { return "sim" }

// Capabilities returns every concept as [host.Reported].
func (h *Host) Capabilities() []host.Capability {
	concepts := []string{"zone root", "zsched", "init", "process visibility", "node name", "ipc",
		"ip-type exclusive", "ip-type shared", "rctls", "privileges", "security-flags", "hostid", "file systems", "console"}
	rows := make([]host.Capability, len(concepts))
	for i, c := range concepts {
		rows[i] = host.Capability{Concept: c, Mechanism: "kept in memory", Class: host.Reported, Missing: "nothing real runs on the sim host"}
	}
	return rows
}

// Resolve looks a path up, see [Host.SetTree] and [Tree.Resolve].
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

// CreateZone does nothing and returns pid 0.
func (h *Host) CreateZone(spec *host.Spec) (int32, error) { return 0, nil }

// SetRctl stores the limit for [Host.Limit].
func (h *Host) SetRctl(key host.ZoneKey, name string, limit uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.limits[key] == nil {
		h.limits[key] = map[string]uint64{}
	}
	h.limits[key][name] = limit
	return nil
}

// SetAttr does nothing.
func (h *Host) SetAttr(host.ZoneKey, zone.Attr, []byte) error { return nil }

// StartInit returns pid 0, or the error set by [Host.FailInit].
func (h *Host) StartInit(host.ZoneKey, *host.Init) (int32, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.initErr != 0 {
		return 0, h.initErr
	}
	return 0, nil
}

// Start fails with ENOENT: the machine has no programs.
func (h *Host) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	return nil, fmt.Errorf("%s: no programs on the sim host: %w", cmd.Path, errno.ENOENT)
}

// KillAll does nothing: the machine has no processes.
func (h *Host) KillAll(host.ZoneKey) error { return nil }

// DestroyZone removes the zone's limits and mounts.
func (h *Host) DestroyZone(key host.ZoneKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.limits, key)
	delete(h.mounts, key)
	return nil
}

// Mounts returns the mounted file systems of all zones.
func (h *Host) Mounts() ([]host.Mount, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []host.Mount
	for _, key := range slices.SortedFunc(maps.Keys(h.mounts), func(a, b host.ZoneKey) int { return int(a.ID) - int(b.ID) }) {
		all = append(all, h.mounts[key]...)
	}
	return all, nil
}

// Mount adds file systems to those of the zone. EBUSY when one is mounted on the point.
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

// Unmount removes a file system of the zone. EINVAL when none is mounted on the point.
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

// LinkByName returns the id of a link. ENXIO unless [Host.AddLink] added it.
func (h *Host) LinkByName(name string) (zone.LinkID, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id, ok := h.links[name]; ok {
		return id, nil
	}
	return 0, errno.ENXIO
}

// LinkName returns the name of a link. ENXIO unless [Host.AddLink] added it.
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

// MoveLink does nothing. ENXIO for an unknown link.
func (h *Host) MoveLink(id zone.LinkID, from, to host.ZoneKey) error {
	_, err := h.LinkName(id)
	return err
}

// SetAddress does nothing. ENXIO for an unknown link.
func (h *Host) SetAddress(key host.ZoneKey, link, prefix string, add bool) error {
	_, err := h.LinkByName(link)
	return err
}

// Processes returns -1: unknown.
func (h *Host) Processes(host.ZoneKey) (int64, error) { return -1, nil }

// CPUTime returns -1: unknown.
func (h *Host) CPUTime(host.ZoneKey) (user, system int64, err error) { return -1, -1, nil }

// ZoneOf returns the global zone for every process.
func (h *Host) ZoneOf(int32) (host.ZoneKey, error) { return host.ZoneKey{}, nil }

// OpenDaemon fails with ENOENT: the machine has no daemons.
func (h *Host) OpenDaemon(string) (host.Daemon, error) { return nil, errno.ENOENT }

// Notify does nothing: the machine has no processes that exit.
func (h *Host) Notify(func(host.Exit)) {}

// Close does nothing.
func (h *Host) Close() error { return nil }

// Tree is a tree of files for [Host.SetTree].
type Tree struct{ nodes map[string]Node }

// Node is a file of a [Tree]. The zero value is a directory.
type Node struct {
	Link   string      // target of a symbolic link
	File   bool        // not a directory
	NoExec bool        // execute access is refused
	Lookup errno.Errno // error of looking it up; 0 for none
	Mount  errno.Errno // error of a mount point that can't be entered; 0 for none
}

// NewTree returns a tree of nodes, which are given by their absolute paths.
func NewTree(nodes map[string]Node) *Tree { return &Tree{nodes: maps.Clone(nodes)} }

const (
	maxLinks     = 10  // MAXSYMLINKS, as in the recordings
	maxComponent = 255 // MAXNAMELEN - 1
	maxPath      = 1023
)

// Resolve returns the absolute path of a file, without symbolic links. ENOENT, ENOTDIR,
// ELOOP and ENAMETOOLONG as path look-ups have them, EACCES for a node with NoExec, and the
// errors of the nodes.
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
