package zone

import (
	"encoding/binary"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Definition is all that a zone is made from: what zone_create takes, and the steps
// that follow before it is ready for its boot.
type Definition struct {
	Def
	Steps []Step `json:"steps,omitempty"`
}

// Step is one thing that a zone is given after zone_create. Exactly one of the
// pointers is set.
type Step struct {
	Attr    *AttrValue `json:"attr,omitempty"`
	Mount   *Mount     `json:"mount,omitempty"`
	Link    *Link      `json:"link,omitempty"`
	Net     *NetData   `json:"net,omitempty"`
	Address *Address   `json:"address,omitempty"`
	// Optional lets the next step follow when this one fails; [Outcome] tells of it.
	Optional bool `json:"optional,omitempty"`
}

// AttrValue is an attribute and the bytes that zone_setattr is given for it.
type AttrValue struct {
	Attr  Attr   `json:"attr"`
	Value []byte `json:"value,omitempty"`
}

// Link is a data link that the zone's own network stack gets, by its name.
type Link struct {
	Name string `json:"name"`
}

// NetData is what a zone with a network stack of its own is told of one of its links
// (zone_net_data_t).
type NetData struct {
	Link  string `json:"link"`
	Kind  uint32 `json:"kind"` // NetAddress or NetDefRouter
	Value []byte `json:"value"`
}

// Kinds of [NetData].
const (
	NetAddress   = 1 // ZONE_NETWORK_ADDRESS: a string of addresses, joined by commas
	NetDefRouter = 2 // ZONE_NETWORK_DEFROUTER: addresses of sixteen bytes
)

// Address is an address, with its prefix length, on a link of the machine for a zone
// that shares its network stack.
type Address struct {
	Link   string `json:"link"`
	Prefix string `json:"prefix"`
}

// Outcome tells how making or booting a zone went.
type Outcome struct {
	ID     ID     `json:"id"`
	UniqID uint64 `json:"uniqid,omitempty"`
	// Failed are the steps that failed, in order. When the call returned an error
	// and this isn't empty, the last of them is the step that ended it.
	Failed []StepFailure `json:"failed,omitempty"`
}

// StepFailure is a step, by its place in the list, and why it failed.
type StepFailure struct {
	Step int    `json:"step"`
	Err  *Error `json:"err"`
}

// Maker is what [Make] and [BootWith] are made of. A [Kernel] is one.
type Maker interface {
	System
	// MountAll mounts a list in its order, in the zone's own view of the file system,
	// and returns how many it has mounted before one failed. EBUSY when something is
	// mounted there, EPERM when the file system type isn't allowed.
	MountAll(id ID, mounts []Mount) (done int, err error)
	// Unmount unmounts what was mounted last at a point.
	Unmount(id ID, point string, force bool) error
	// LinkByName is the id of a data link; ENXIO for one that doesn't exist.
	LinkByName(name string) (LinkID, error)
	// SetAddress puts an address (with its prefix length) on a link for a zone that
	// shares the machine's network stack, or takes it off.
	SetAddress(id ID, link, prefix string, add bool) error
}

// Make makes a zone and takes the definition's steps, one call of the kernel each.
// When one fails that isn't optional, what has been done is undone, nothing of the
// zone is left, and the error is that step's.
func Make(m Maker, def *Definition) (*Outcome, error) {
	id, err := m.Create(&def.Def)
	if err != nil {
		return &Outcome{ID: -1}, err
	}
	out, done, err := take(m, id, def.Steps)
	if err == nil {
		out.UniqID, err = UniqIDOf(m, id)
	}
	if err != nil {
		unmake(m, id, def.Steps[:done])
		out.ID = -1
		return out, err
	}
	return out, nil
}

// unmake takes a zone down that was given the steps. What can't be undone shows in the
// zone's state, which the caller sees: the error to tell is the one before.
func unmake(m Maker, id ID, steps []Step) {
	for i := len(steps) - 1; i >= 0; i-- {
		switch s := steps[i]; {
		case s.Mount != nil:
			m.Unmount(id, s.Mount.Point, true)
		case s.Address != nil:
			m.SetAddress(id, s.Address.Link, s.Address.Prefix, false)
		}
	}
	if m.Shutdown(id) == nil {
		m.Destroy(id)
	}
}

// BootWith takes the steps, by which a ready zone gets its init, its boot arguments
// and what is mounted at boot, and then boots it.
func BootWith(m Maker, id ID, steps []Step) (*Outcome, error) {
	out, _, err := take(m, id, steps)
	if err == nil {
		err = m.Boot(id)
	}
	return out, err
}

// take takes steps until one that isn't optional fails, and returns how many are over.
func take(m Maker, id ID, steps []Step) (out *Outcome, done int, err error) {
	out = &Outcome{ID: id}
	for done < len(steps) {
		n := 1
		if steps[done].Mount != nil {
			n, err = mountRun(m, id, steps[done:])
		} else {
			err = steps[done].take(m, id)
		}
		if err == nil {
			done += n
			continue
		}
		if steps[done].Mount != nil {
			done += n // those before the one that failed
		}
		out.Failed = append(out.Failed, StepFailure{done, AsError(err)})
		if !steps[done].Optional {
			return out, done, err
		}
		done++
	}
	return out, done, nil
}

// mountRun mounts the file systems at the head of the steps in one call.
func mountRun(m Maker, id ID, steps []Step) (int, error) {
	var mounts []Mount
	for _, s := range steps {
		if s.Mount == nil {
			break
		}
		mounts = append(mounts, *s.Mount)
	}
	return m.MountAll(id, mounts)
}

// take takes a step that isn't a mount.
func (s *Step) take(m Maker, id ID) error {
	switch {
	case s.Attr != nil:
		return m.Setattr(id, s.Attr.Attr, s.Attr.Value)
	case s.Address != nil:
		return m.SetAddress(id, s.Address.Link, s.Address.Prefix, true)
	case s.Link != nil:
		link, err := m.LinkByName(s.Link.Name)
		if err != nil {
			return err
		}
		if err := m.AddDatalink(id, link); err != nil {
			return &Error{Op: "zone_add_datalink", Name: s.Link.Name, Errno: ErrnoOf(err), Cause: AsError(err)}
		}
		return nil
	case s.Net != nil:
		link, err := m.LinkByName(s.Net.Link)
		if err != nil {
			return err
		}
		return m.Setattr(id, AttrNetwork, s.Net.bytes(link))
	}
	return &Error{Op: "zone_create", ID: id, Errno: errno.EINVAL, Text: "a step without content"}
}

// bytes is the zone_net_data_t: kind, length, link, and the value.
func (n *NetData) bytes(link LinkID) []byte {
	const head = 12
	raw := make([]byte, head, head+len(n.Value))
	binary.LittleEndian.PutUint32(raw, n.Kind)
	binary.LittleEndian.PutUint32(raw[4:], uint32(len(n.Value)))
	binary.LittleEndian.PutUint32(raw[8:], uint32(link))
	return append(raw, n.Value...)
}

// MountOn mounts one file system for a zone; see [Maker].
func MountOn(m Maker, id ID, mount Mount) error {
	_, err := m.MountAll(id, []Mount{mount})
	return err
}

// Attribute is the step that sets one.
func Attribute(attr Attr, value []byte) Step { return Step{Attr: &AttrValue{attr, value}} }

// TextAttribute is the step that sets an attribute which is a string.
func TextAttribute(attr Attr, value string) Step { return Attribute(attr, append([]byte(value), 0)) }

// HostIDAttribute is the step that sets the host id (ZONE_ATTR_HOSTID).
func HostIDAttribute(hostid uint32) Step {
	return Attribute(AttrHostID, binary.LittleEndian.AppendUint32(nil, hostid))
}

// PhysMcapAttribute is the step that sets how much memory a zone may hold, in bytes
// (ZONE_ATTR_PHYS_MCAP).
func PhysMcapAttribute(bytes uint64) Step {
	return Attribute(AttrPhysMcap, binary.LittleEndian.AppendUint64(nil, bytes))
}

// BrandAttribute is the step that gives a zone its brand (ZONE_ATTR_BRAND): its name,
// and the name of the kernel's module for it. An error for names that are too long.
func BrandAttribute(name, module string) (Step, error) {
	const size, room = 1280, 256 // struct brand_attr
	if len(name) >= room || len(module) >= size-room {
		return Step{}, fmt.Errorf("brand name %q or module name %q is too long", name, module)
	}
	raw := make([]byte, size)
	copy(raw, name)
	copy(raw[room:], module)
	return Attribute(AttrBrand, raw), nil
}
