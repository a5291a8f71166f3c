package zone

import "github.com/gozones/zones/sys/priv"

// System is zone(2): one method for each subcode. They may be called concurrently.
// Errors are of type *[Error]; each method names the error numbers that a caller is
// likely to distinguish.
type System interface {
	// Create makes a zone and its zsched; the zone is ready then (ZONE_CREATE).
	// EPERM without the privilege; EINVAL for a bad name, root or resource
	// control; EEXIST when a live zone has the name; EBUSY when a dying one has,
	// when the root lies in or around another zone's, or, with ExtMounts, when
	// file systems are mounted below it; ENOTSUP with ExtChrooted from a chroot.
	Create(def *Def) (ID, error)
	// Boot starts init in a ready zone and returns once it has been executed, or
	// returns the error of that (ZONE_BOOT). EINVAL in any other state.
	Boot(id ID) error
	// Shutdown kills everything in the zone and returns when the zone is down
	// (ZONE_SHUTDOWN). EINTR when interrupted: call it again.
	Shutdown(id ID) error
	// Destroy removes a zone that is down (ZONE_DESTROY). EBUSY in other states.
	Destroy(id ID) error
	// Enter moves the calling process into the zone for good (ZONE_ENTER). EINVAL
	// when the process isn't alone in its contract or holds contracts itself; EBADF
	// and EFAULT when it has open files or mappings that are bound to its zone. Go
	// programs start a child instead: see [Cmd].
	Enter(id ID) error
	// Getattr copies an attribute into buf and returns the size of its whole value,
	// which may be larger than buf (ZONE_GETATTR). A nil buf only returns the size.
	// EINVAL for an unknown zone or attribute.
	Getattr(id ID, attr Attr, buf []byte) (int, error)
	// Setattr sets an attribute from buf (ZONE_SETATTR).
	Setattr(id ID, attr Attr, buf []byte) error
	// List fills ids with the zones that the caller sees, in the order in which they
	// were made, and returns how many there are, which may be more than fit (ZONE_LIST).
	List(ids []ID) (int, error)
	// Lookup returns the id of the zone with that name (ZONE_LOOKUP); with an
	// empty name the caller's own, as getzoneid(3C) does. EINVAL when there is none.
	Lookup(name string) (ID, error)
	// Version returns the version of the kernel's interface (ZONE_VERSION).
	Version() (int, error)
	// AddDatalink assigns a link to the zone (ZONE_ADD_DATALINK). EPERM when another
	// zone has it.
	AddDatalink(id ID, link LinkID) error
	// RemoveDatalink removes the link from the zone (ZONE_DEL_DATALINK). ENXIO when the
	// zone doesn't have it.
	RemoveDatalink(id ID, link LinkID) error
	// CheckDatalink returns id when that zone has the link; for AllZones, the zone that
	// has it (ZONE_CHECK_DATALINK). ENXIO when none has.
	CheckDatalink(id ID, link LinkID) (ID, error)
	// ListDatalinks fills links and returns how many the zone has, which may be
	// more than fit (ZONE_LIST_DATALINK).
	ListDatalinks(id ID, links []LinkID) (int, error)
}

// Def is the argument of zone_create (zone_def). The structure's layout differs between
// kernels; Create takes care of that.
type Def struct {
	Name     string   // zone_name: 1 to 63 characters, a letter or digit first
	Root     string   // zone_root: the zone's root directory, seen from the global zone
	Privs    priv.Set // zone_privs: the limit of every process in the zone
	Rctls    []byte   // rctlbuf: packed nvlist, control name to nvlist array; nil for none
	Datasets string   // zfsbuf: delegated ZFS datasets, joined by commas
	Flags    int32    // flags: CreateNetExcl or 0
}
