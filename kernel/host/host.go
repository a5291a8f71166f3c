package host

import (
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// ZoneKey identifies a zone to the host. An ID can be used again by a later zone, a
// UniqID can't.
type ZoneKey struct {
	ID     zone.ID
	UniqID uint64
}

// Spec describes a new zone.
type Spec struct {
	Key      ZoneKey
	Name     string
	Root     string // resolved and absolute, without a trailing slash unless it is "/"
	Nodename string
	Privs    priv.Set // the limit of the zone's privileges
	NetExcl  bool     // the zone has its own network stack
}

// Init is the program that a zone is booted with.
type Init struct {
	Path string   // inside the zone
	Args []string // Args[0] is the program's name; the boot arguments follow, split at blanks
}

// Exit reports that a process of a zone has exited.
type Exit struct {
	Key    ZoneKey
	Pid    int32
	Status zone.ExitStatus
	// Last is set when no process but zsched is left in the zone. Pid is 0 if the last
	// process wasn't started by the kernel.
	Last bool
	// Uadmin is set when init was ended by a call of uadmin(2) in the zone.
	Uadmin *Uadmin
}

// Uadmin is a call of uadmin(2) in a zone: its arguments.
type Uadmin struct {
	Cmd, Fcn int
	BootArgs string
}

// Daemon is the open door of a zone's zoneadmd.
type Daemon interface {
	// Call sends a request and returns when the daemon has replied. The kernel repeats it
	// after EAGAIN and EINTR, and opens the door again after EBADF, which says that the
	// daemon has exited.
	Call(request *DaemonRequest) error
	// Close closes the door.
	Close() error
}

// DaemonRequest is a request of the kernel to a zoneadmd (zone_cmd_arg_t).
type DaemonRequest struct {
	Cmd      int32  // Z_REBOOT or Z_HALT
	UniqID   uint64 // of the zone; the daemon ignores requests for an earlier zone
	BootArgs string
	Locale   string // of the daemon's messages
}

// NoLimit is the limit of a control that isn't enforced.
const NoLimit = ^uint64(0)

// Mount is a file system to mount.
type Mount struct {
	Point, Resource, FSType, Options string
	// MakePoint makes [Host.Mount] create the mount point, see [zone.Mount]. If it can't,
	// it returns a [zone.Error] with the Op [zone.OpMountPoint] and the path as the Name.
	MakePoint bool
}

// Class says whether a host enforces a concept of zones.
type Class string

// The classes.
const (
	Enforced Class = "enforced" // for every process of the zone
	Reported Class = "reported" // stored and shown, but not enforced
	Refused  Class = "refused"  // asking for it is an error
)

// Capability describes how a host implements a concept of zones on this machine.
type Capability struct {
	Concept   string `json:"concept"`   // "processes", "zone.max-swap"
	Mechanism string `json:"mechanism"` // "pid namespace"
	Class     Class  `json:"class"`
	Missing   string `json:"missing,omitempty"` // why it isn't Enforced, or what would improve it
}

// Host is what a kernel needs from a machine. Errors hold an error number (see
// errno.Of) and tell which call failed and on what (see zone.AsError). The kernel
// calls the methods without holding a lock. It makes one call at a time for a zone, except
// for KillAll, Processes, CPUTime and Start.
type Host interface {
	// Name returns "sim" or "linux".
	Name() string
	// Capabilities returns how the host implements zones on this machine.
	Capabilities() []Capability
	// Resolve returns the absolute path of a zone's root without symbolic links and
	// trailing slash. ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EACCES as path look-ups have
	// them.
	Resolve(path string) (string, error)

	// CreateZone creates a zone without init: its zsched, namespaces and control groups.
	// When it fails, nothing of the zone is left. A host without processes returns pid 0.
	CreateZone(spec *Spec) (zschedPid int32, err error)
	// SetRctl enforces a limit of a zone.* control. NoLimit removes it.
	SetRctl(key ZoneKey, name string, limit uint64) error
	// SetAttr applies an attribute: AttrPhysMcap, AttrSchedClass, AttrHostID,
	// AttrSecFlags, AttrFSAllowed, or the nodename as AttrName.
	SetAttr(key ZoneKey, attr zone.Attr, value []byte) error
	// StartInit starts init as a child of zsched. It returns once init was executed, or the
	// error of that. A host without processes returns pid 0.
	StartInit(key ZoneKey, init *Init) (pid int32, err error)
	// Start starts a program in the zone, as a child of zsched.
	Start(key ZoneKey, cmd *zone.Cmd) (zone.Process, error)
	// KillAll sends SIGKILL to every process of the zone but zsched. The exits are reported
	// through Notify; the kernel calls KillAll again until one has Last set.
	KillAll(key ZoneKey) error
	// DestroyZone ends zsched and removes the zone's mounts, namespaces and control groups;
	// links return to the machine. It may be called again after an error.
	DestroyZone(key ZoneKey) error

	// Mount mounts file systems in their order in the zone's mount namespace, and returns
	// how many it mounted before one failed. Points are relative to the zone's root. The
	// types are lofs, tmpfs, proc, dev, zfs and those of the machine.
	Mount(key ZoneKey, mounts []Mount) (done int, err error)
	// Unmount unmounts the file system that was mounted last on a point.
	Unmount(key ZoneKey, point string, force bool) error

	// LinkByName returns the id of a data link, which never changes. ENXIO when there is
	// no such link.
	LinkByName(name string) (zone.LinkID, error)
	// LinkName returns the name of a data link. ENXIO when there is no such link.
	LinkName(id zone.LinkID) (string, error)
	// MoveLink moves a link to a zone's network stack, or to the host's with the key of
	// the global zone.
	MoveLink(id zone.LinkID, from, to ZoneKey) error
	// SetAddress adds an address to a link for a zone that shares the host's network
	// stack, or removes it.
	SetAddress(key ZoneKey, link, prefix string, add bool) error

	// Processes returns the number of processes in a zone, or -1 if unknown.
	Processes(key ZoneKey) (int64, error)
	// CPUTime returns the CPU time of a zone's processes in nanoseconds, or -1 if
	// unknown. The kernel calls it for each zone once a second.
	CPUTime(key ZoneKey) (user, system int64, err error)
	// ZoneOf returns the zone of a process of the machine: the global zone's key for one
	// that is in no zone of this host, or has exited.
	ZoneOf(pid int32) (ZoneKey, error)
	// OpenDaemon opens the door of a zone's zoneadmd. ENOENT when there is none.
	OpenDaemon(path string) (Daemon, error)

	// Notify sets the function that is called for exits. It is called once, before any
	// other method.
	Notify(func(Exit))
	// Close destroys all zones and releases the host's resources.
	Close() error
}
