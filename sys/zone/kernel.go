package zone

import (
	"context"
	"fmt"
)

// Kernel is an open way to the zones of a machine: the system call and what the
// jobs around it need of the system. Package machine opens the one that serves this
// machine. Every method may be called from many goroutines.
type Kernel interface {
	Maker
	Executor

	// Make makes a zone from a whole definition in one call, or leaves nothing of it;
	// the errors are those of zone_create and of the steps. See [Make].
	Make(def *Definition) (*Outcome, error)
	// BootWith takes the steps and boots the zone, in one call; see [BootWith].
	BootWith(id ID, steps []Step) (*Outcome, error)
	// Table tells of every zone that the caller sees, in one call.
	Table() (*Table, error)
	// Inspect tells of a zone by its name, in one call. EINVAL when there is none.
	Inspect(name string) (Info, error)

	// Watch follows state changes until ctx is done; then the channel is closed.
	// None is lost, none comes twice.
	Watch(ctx context.Context) (<-chan Event, error)

	// LinkName is the name of a data link; ENXIO for one that doesn't exist.
	LinkName(id LinkID) (string, error)

	// Kstats reads the statistics of zones that the caller sees.
	Kstats() ([]Kstat, error)
	// Report tells what answers and what it can make true here.
	Report() (Report, error)
	Close() error
}

// Event is a zone's change from one state to another, with the public names of
// the states: initialized, ready, running, shutting_down, uninitialized.
type Event struct {
	ID     ID     `json:"id"`
	Name   string `json:"name"`
	Old    string `json:"old"`
	New    string `json:"new"`
	Status Status `json:"status"`
}

// Mount is a file system to be mounted.
type Mount struct {
	Special string `json:"special"` // what: a directory or device of the machine
	Point   string `json:"point"`
	FSType  string `json:"fstype"` // lofs, tmpfs, proc and what the machine has
	Options string `json:"options"`
	// MakePoint makes the point, and the directories on the way, where they aren't
	// there, and refuses symbolic links on the way. What is wrong with which
	// directory is then told by an [Error] with Op [OpMountPoint], the directory's
	// path in the zone as Name, and ELOOP for a link, ENOTDIR, or why it could not
	// be made.
	MakePoint bool `json:"make_point,omitempty"`
}

// OpMountPoint is the Op of errors about a mount point and the way to it.
const OpMountPoint = "mount point"

// Kstat is a kernel statistic about a zone. Values are string, uint32 or uint64.
type Kstat struct {
	Module   string         `json:"module"`
	Instance int32          `json:"instance"`
	Name     string         `json:"name"`
	Class    string         `json:"class"`
	Data     map[string]any `json:"data"`
}

// Report tells what answers the calls.
type Report struct {
	Host         string       `json:"host"` // "illumos", "linux" or "sim"
	Detail       string       `json:"detail,omitempty"`
	PID          int          `json:"pid,omitempty"` // of the embedded kernel
	Capabilities []Capability `json:"capabilities"`
}

// Capability is how far one thing that a zone promises is true on this machine.
type Capability struct {
	Concept   string `json:"concept"`
	Mechanism string `json:"mechanism"`
	Class     string `json:"class"` // enforced, reported or refused
	Missing   string `json:"missing,omitempty"`
}

// IDs returns the zones that the caller sees, however many come up meanwhile.
func IDs(sys System) ([]ID, error) {
	ids := make([]ID, 64)
	for {
		n, err := sys.List(ids)
		if err != nil {
			return nil, err
		}
		if n <= len(ids) {
			return ids[:n], nil
		}
		ids = make([]ID, n+n/4)
	}
}

// attribute reads one of whatever size.
func attribute(sys System, id ID, attr Attr, room int) ([]byte, error) {
	for {
		buf := make([]byte, room)
		n, err := sys.Getattr(id, attr, buf)
		if err != nil {
			return nil, err
		}
		if n <= room {
			return buf[:n], nil
		}
		room = n
	}
}

func text(sys System, id ID, attr Attr) (string, error) {
	raw, err := attribute(sys, id, attr, 256)
	if err != nil {
		return "", err
	}
	for i, c := range raw {
		if c == 0 {
			return string(raw[:i]), nil
		}
	}
	return string(raw), nil
}

func numeric(sys System, id ID, attr Attr, size int) (uint64, error) {
	raw, err := attribute(sys, id, attr, size)
	if err != nil {
		return 0, err
	}
	if len(raw) != size {
		return 0, fmt.Errorf("zone %d: attribute %d has %d bytes, not %d", id, attr, len(raw), size)
	}
	var v uint64
	for i := size - 1; i >= 0; i-- {
		v = v<<8 | uint64(raw[i])
	}
	return v, nil
}

// NameOf returns a zone's name (ZONE_ATTR_NAME).
func NameOf(sys System, id ID) (string, error) { return text(sys, id, AttrName) }

// RootOf returns its root directory as the caller sees it (ZONE_ATTR_ROOT).
func RootOf(sys System, id ID) (string, error) { return text(sys, id, AttrRoot) }

// BrandOf returns its brand (ZONE_ATTR_BRAND).
func BrandOf(sys System, id ID) (string, error) { return text(sys, id, AttrBrand) }

// BootArgsOf returns its boot arguments (ZONE_ATTR_BOOTARGS).
func BootArgsOf(sys System, id ID) (string, error) { return text(sys, id, AttrBootArgs) }

// StatusOf returns its state (ZONE_ATTR_STATUS).
func StatusOf(sys System, id ID) (Status, error) {
	v, err := numeric(sys, id, AttrStatus, 4)
	return Status(v), err
}

// UniqIDOf returns the number that no other zone of this boot has (ZONE_ATTR_UNIQID).
func UniqIDOf(sys System, id ID) (uint64, error) { return numeric(sys, id, AttrUniqID, 8) }

// InitPIDOf returns the process id of its init, 0 before boot; ESRCH once that
// has gone (ZONE_ATTR_INITPID).
func InitPIDOf(sys System, id ID) (int32, error) {
	v, err := numeric(sys, id, AttrInitPID, 4)
	return int32(v), err
}

// FlagsOf returns its flags (ZONE_ATTR_FLAGS).
func FlagsOf(sys System, id ID) (uint16, error) {
	v, err := numeric(sys, id, AttrFlags, 2)
	return uint16(v), err
}

// SetText sets an attribute that is a string.
func SetText(sys System, id ID, attr Attr, value string) error {
	return sys.Setattr(id, attr, append([]byte(value), 0))
}

// SetHostID sets the host id of a zone that isn't booted (ZONE_ATTR_HOSTID).
func SetHostID(sys System, id ID, hostid uint32) error {
	return sys.Setattr(id, AttrHostID, []byte{byte(hostid), byte(hostid >> 8), byte(hostid >> 16), byte(hostid >> 24)})
}

// SetPhysMcap sets how much memory a zone may hold, in bytes (ZONE_ATTR_PHYS_MCAP).
func SetPhysMcap(sys System, id ID, bytes uint64) error {
	raw := make([]byte, 8)
	for i := range raw {
		raw[i] = byte(bytes >> (8 * i))
	}
	return sys.Setattr(id, AttrPhysMcap, raw)
}

// SetBrand gives a zone its brand (ZONE_ATTR_BRAND).
func SetBrand(sys System, id ID, name string) error {
	const size, room = 1280, 256 // struct brand_attr
	raw := make([]byte, size)
	if copy(raw[:room-1], name) != len(name) {
		return fmt.Errorf("zone %d: brand name %q is too long", id, name)
	}
	copy(raw[room:], name)
	return sys.Setattr(id, AttrBrand, raw)
}

// NoRestart makes the end of a zone's init halt it (ZONE_ATTR_INITNORESTART).
func NoRestart(sys System, id ID) error { return sys.Setattr(id, AttrInitNoRestart, nil) }
