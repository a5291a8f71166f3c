package zone

import (
	"context"
	"os"
)

// Kernel provides the zones of a host: zone(2), and everything else that managing
// zones needs from the system. Its methods may be called concurrently.
type Kernel interface {
	Maker
	Executor

	// Make makes a zone from a whole definition in one call. If it fails nothing of the
	// zone is left; the error is that of zone_create or of a step. See [Make].
	Make(def *Definition) (*Outcome, error)
	// BootWith performs the steps and boots the zone, in one call. See [BootWith].
	BootWith(id ID, steps []Step) (*Outcome, error)
	// Table returns every zone that the caller sees, in one call.
	Table() (*Table, error)
	// Inspect returns a zone by its name, in one call. EINVAL when there is none.
	Inspect(name string) (Info, error)

	// Watch sends every state change once, in order, until ctx is done; then it
	// closes the channel. A reader that is too slow gets an event with Lost set, see
	// [Event].
	Watch(ctx context.Context) (<-chan Event, error)
	// WatchZone is Watch for the zones of one name.
	WatchZone(ctx context.Context, name string) (<-chan Event, error)

	// LinkName returns the name of a data link. ENXIO when there is none.
	LinkName(id LinkID) (string, error)

	// Kstats returns the statistics of the zones that the caller sees.
	Kstats() ([]Kstat, error)
	// Report says which kernel this is, and what it can enforce on this host.
	Report() (Report, error)
	// Close closes the connection to the kernel. Zones and the programs in them
	// continue.
	Close() error
}

// Maker has the calls that [Make] and [BootWith] consist of.
type Maker interface {
	System
	// MountAll mounts a list in its order, in the zone's view of the file system, and
	// returns how many were mounted before one failed. EBUSY if the mount point is
	// already one, EPERM if the zone may not mount that file system type.
	MountAll(id ID, mounts []Mount) (done int, err error)
	// Unmount unmounts the last mount on a mount point. EINVAL if there is none.
	Unmount(id ID, point string, force bool) error
	// LinkByName returns the id of a data link. ENXIO when there is none.
	LinkByName(name string) (LinkID, error)
	// SetAddress adds an address (with its prefix length) to a link, for a zone that
	// shares the host's network stack, or removes it.
	SetAddress(id ID, link, prefix string, add bool) error
}

// Mount is a file system to mount in a zone.
type Mount struct {
	Special string `json:"special"` // a directory or device of the host
	Point   string `json:"point"`   // in the zone
	FSType  string `json:"fstype"`  // lofs, tmpfs, proc, and the host's other types
	Options string `json:"options"`
	// MakePoint creates the mount point and the directories above it if they don't
	// exist, and refuses symbolic links among them. An error about one of them is an
	// [Error] with the Op [OpMountPoint] and its path in the zone as the Name: ELOOP
	// for a link, ENOTDIR, or the reason why it couldn't be created.
	MakePoint bool `json:"make_point,omitempty"`
	// Inside says that a process in the zone mounts it, which illumos requires for types that
	// show the zone of whoever mounted them (proc, mntfs). The embedded kernel always does so.
	Inside bool `json:"inside,omitempty"`
	// Devices are what a file system of type dev has, which only illumos mounts.
	Devices []Device `json:"devices,omitempty"`
}

// Device is a rule about the devices of a zone: of the /dev of the host it has what Match
// names, with * ? [] as in a shell. With Name it has one device under that name. With Link
// it has a symbolic link of that name to Match.
type Device struct {
	Match string `json:"match"`
	Name  string `json:"name,omitempty"`
	Link  string `json:"link,omitempty"`
}

// Give is implemented by a [Maker] whose kernel leaves the data links of zones to another
// program (dlmgmtd on illumos): without it a link would be recorded as the zone's and stay with
// the global zone.
type Give interface {
	// GiveLink gives a link to a zone that has its own network stack.
	GiveLink(id ID, link string) error
	// ProtectLink lets a link send only from the given addresses.
	ProtectLink(link string, addresses []string) error
}

// Consoles is implemented by a kernel that has devices of its own as the consoles of zones
// (zcons on illumos). Such a device stays when the daemon that made it dies.
type Consoles interface {
	// OpenConsole makes the console of a zone unless it has one. It returns the daemon's
	// side in non-blocking mode, and the path of the zone's side. EBUSY while the daemon's
	// side is open.
	OpenConsole(zone string) (manager *os.File, device string, err error)
	// RemoveConsole removes the console of a zone, whose daemon's side must have been closed.
	RemoveConsole(zone string) error
}

// Pools is implemented by a kernel that binds zones to pools of processors.
type Pools interface {
	// BindPool binds a zone to a pool of the system's configuration.
	BindPool(id ID, pool string) error
	// BindOwnPool makes a pool with processors that only this zone uses, and binds the zone
	// to it. It fails if the system can't spare the processors.
	BindOwnPool(id ID, processors Processors) error
	// RemoveOwnPool gives the processors back; a zone without such a pool is no error.
	RemoveOwnPool(zone string) error
}

// Processors are those of a zone's own pool: how many, and the pool's importance.
type Processors struct{ Min, Max, Importance uint64 }

// OpMountPoint is the Op of errors about a mount point or a directory above it.
const OpMountPoint = "mount point"

// MountOn mounts one file system in a zone; see [Maker].
func MountOn(m Maker, id ID, mount Mount) error {
	_, err := m.MountAll(id, []Mount{mount})
	return err
}
