package host

import (
	"errors"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// ZoneKey names a zone towards the host: the id may come back after a wrap, the
// unique id never does.
type ZoneKey struct {
	ID     zone.ID
	UniqID uint64
}

// Spec is what a host is told of a new zone.
type Spec struct {
	Key      ZoneKey
	Name     string
	Root     string // resolved, absolute, no trailing slash (but "/")
	Nodename string
	Privs    priv.Set
	NetExcl  bool // an IP stack of its own
}

// Init is the program a zone is booted with.
type Init struct {
	Path string   // inside the zone
	Args []string // Args[0] is Path's; the boot arguments follow, split at blanks
}

// Exit tells that a process which the host started is gone.
type Exit struct {
	Key    ZoneKey
	Pid    int32
	Status zone.ExitStatus
	// Last is set when no process but zsched is left in the zone. It may come by
	// itself, with Pid 0, when the last one was one that the kernel doesn't know.
	Last bool
	// Uadmin is set when init did not end by itself but something inside asked
	// for a reboot or halt: uadmin(2)'s cmd and fcn, and the boot arguments.
	Uadmin *Uadmin
}

// Uadmin is a request made from inside a zone.
type Uadmin struct {
	Cmd, Fcn int
	BootArgs string
}

// Daemon is the open door of a zone's zoneadmd.
type Daemon interface {
	// Call makes the upcall and returns when the daemon has answered. EAGAIN and
	// EINTR: try again; EBADF: the daemon is gone, open its door anew.
	Call(request *DaemonRequest) error
	Close() error
}

// DaemonRequest is what the kernel asks of a zoneadmd (zone_cmd_arg_t).
type DaemonRequest struct {
	Cmd      int32  // Z_REBOOT or Z_HALT
	UniqID   uint64 // of the zone that is meant
	BootArgs string
	Locale   string
}

// ErrNotYet is returned where something can't be told yet; the kernel asks again
// after its Retry was called.
var ErrNotYet = errors.New("not yet")

// NoLimit as the value of a control says that nothing is to be enforced.
const NoLimit = ^uint64(0)

// Mount is an entry of the machine's mount table.
type Mount struct {
	Point, Resource, FSType, Options string
	// MakePoint is for Host.Mount: see [zone.Mount]. What is wrong with the way is
	// a *PointError.
	MakePoint bool
}

// PointError is what is wrong with a directory on the way to a mount point, or
// with that itself.
type PointError struct {
	Path string // inside the zone
	Err  error
}

func (e *PointError) Error() string { return "mount point " + e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *PointError) Unwrap() error { return e.Err }

// Usage is what the machine has counted for a zone; a negative number is not known.
type Usage struct {
	Processes, LWPs   int64
	RSS, Swap, Locked int64 // bytes
	NsecUser, NsecSys int64
	Runnable          int64 // threads on or waiting for a CPU
}

// Class says how far a host makes a zone concept true.
type Class string

// The classes.
const (
	Enforced Class = "enforced" // true for every process of the zone
	Reported Class = "reported" // kept, shown and counted, but nothing enforces it
	Refused  Class = "refused"  // asking for it is an error
)

// Capability is a row of what a host can do on this machine.
type Capability struct {
	Concept   string `json:"concept"`
	Mechanism string `json:"mechanism"`
	Class     Class  `json:"class"`
	Missing   string `json:"missing,omitempty"` // what isn't there and why, when the class is less than it could be
}

// Host is what a kernel needs from a machine. Errors are or wrap errno.Errno.
// The kernel calls every method without holding a lock, and one zone's methods
// never two at a time except KillAll, Usage and Start.
type Host interface {
	// Name is "sim" or "linux".
	Name() string
	// Capabilities lists what the host makes true here.
	Capabilities() []Capability
	// Resolve looks a zone root up, following links: absolute, canonical, without
	// trailing slash. ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EACCES as lookupname has them.
	Resolve(path string) (string, error)
	// Mounts is the machine's mount table.
	Mounts() ([]Mount, error)

	// CreateZone starts zsched: everything of the zone but init. When it fails
	// nothing of the zone is left. A host that runs nothing real returns pid 0.
	CreateZone(spec *Spec) (zschedPid int32, err error)
	// SetRctl makes the value in force of a zone.* control true; NoLimit lifts it.
	SetRctl(key ZoneKey, name string, limit uint64) error
	// SetAttr makes a setattr value true: AttrPhysMcap, AttrSchedClass,
	// AttrHostID, AttrSecFlags, AttrFSAllowed, nodename as AttrName.
	SetAttr(key ZoneKey, attr zone.Attr, value []byte) error
	// StartInit starts init as a child of zsched and returns when it has been
	// executed, or the errno of that. A host that runs nothing real returns pid 0.
	StartInit(key ZoneKey, init *Init) (pid int32, err error)
	// Start runs a program inside the zone, as a child of zsched.
	Start(key ZoneKey, cmd *zone.Cmd) (zone.Process, error)
	// KillAll sends SIGKILL to every process of the zone but zsched. The kernel
	// learns of the ends through Notify; it calls again until Last was told.
	KillAll(key ZoneKey) error
	// DestroyZone ends zsched and removes every trace: mounts, namespaces,
	// cgroups, links moved back. It may be called again after an error.
	DestroyZone(key ZoneKey) error

	// Mount mounts a list in its order inside the zone's mount namespace and returns
	// how many it has mounted before one failed; points are relative to the zone's
	// root. fstype: lofs, tmpfs, proc, dev, zfs and what the host has.
	Mount(key ZoneKey, mounts []Mount) (done int, err error)
	// Unmount unmounts what was mounted last at a point.
	Unmount(key ZoneKey, point string, force bool) error

	// LinkByName and LinkName are the stable table of data links.
	LinkByName(name string) (zone.LinkID, error)
	LinkName(id zone.LinkID) (string, error)
	// MoveLink gives a link to the zone's network stack (back to the machine's
	// when to is the global zone's key).
	MoveLink(id zone.LinkID, from, to ZoneKey) error
	// SetAddress puts an address on a link for a zone that shares the machine's
	// network stack, or takes it off.
	SetAddress(key ZoneKey, link, prefix string, add bool) error

	// Usage returns what has been counted.
	Usage(key ZoneKey) (Usage, error)
	// ZoneOf tells in which zone a process of the machine is.
	ZoneOf(pid int32) (ZoneKey, error)
	// OpenDaemon opens the door of a zone's zoneadmd: ENOENT when there is none.
	OpenDaemon(path string) (Daemon, error)

	// Notify sets where exits are told; called once, before anything else.
	Notify(func(Exit))
	// Close ends every zone and lets go of the machine.
	Close() error
}
