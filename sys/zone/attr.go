package zone

import (
	"encoding/binary"
	"fmt"
)

// attribute reads an attribute of any size; room is the usual size of its value.
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
	return textIn(raw), err
}

func numeric(sys System, id ID, attr Attr, size int) (uint64, error) {
	raw, err := attribute(sys, id, attr, size)
	if err == nil && len(raw) != size {
		err = &Error{Op: "zone_getattr", ID: id, Text: fmt.Sprintf("attribute %d has %d bytes, not %d", attr, len(raw), size)}
	}
	if err != nil {
		return 0, err
	}
	var word [8]byte
	copy(word[:], raw)
	return binary.LittleEndian.Uint64(word[:]), nil
}

// NameOf returns a zone's name (ZONE_ATTR_NAME).
func NameOf(sys System, id ID) (string, error) { return text(sys, id, AttrName) }

// RootOf returns a zone's root directory as the caller sees it (ZONE_ATTR_ROOT).
func RootOf(sys System, id ID) (string, error) { return text(sys, id, AttrRoot) }

// BrandOf returns a zone's brand (ZONE_ATTR_BRAND).
func BrandOf(sys System, id ID) (string, error) { return text(sys, id, AttrBrand) }

// BootArgsOf returns a zone's boot arguments (ZONE_ATTR_BOOTARGS).
func BootArgsOf(sys System, id ID) (string, error) { return text(sys, id, AttrBootArgs) }

// StatusOf returns a zone's state (ZONE_ATTR_STATUS).
func StatusOf(sys System, id ID) (Status, error) {
	v, err := numeric(sys, id, AttrStatus, 4)
	return Status(v), err
}

// UniqIDOf returns a zone's number that no other zone has until the host reboots
// (ZONE_ATTR_UNIQID).
func UniqIDOf(sys System, id ID) (uint64, error) { return numeric(sys, id, AttrUniqID, 8) }

// InitPIDOf returns the process id of a zone's init (ZONE_ATTR_INITPID): 0 before the
// zone boots, ESRCH after init has exited.
func InitPIDOf(sys System, id ID) (int32, error) {
	v, err := numeric(sys, id, AttrInitPID, 4)
	return int32(v), err
}

// FlagsOf returns a zone's flags (ZONE_ATTR_FLAGS), of which FlagNetExcl is one.
func FlagsOf(sys System, id ID) (uint16, error) {
	v, err := numeric(sys, id, AttrFlags, 2)
	return uint16(v), err
}

// AttrValue is an attribute and the bytes that zone_setattr takes for it.
type AttrValue struct {
	Attr  Attr   `json:"attr"`
	Value []byte `json:"value,omitempty"`
}

func (v *AttrValue) set(sys System, id ID) error { return sys.Setattr(id, v.Attr, v.Value) }

// Attribute returns the step that sets an attribute to the given bytes.
func Attribute(attr Attr, value []byte) Step { return Step{Attr: &AttrValue{attr, value}} }

// TextAttribute returns the step that sets a string attribute.
func TextAttribute(attr Attr, value string) Step { return Attribute(attr, append([]byte(value), 0)) }

// HostIDAttribute returns the step that sets the host id (ZONE_ATTR_HOSTID).
func HostIDAttribute(hostid uint32) Step {
	return Attribute(AttrHostID, binary.LittleEndian.AppendUint32(nil, hostid))
}

// PhysMcapAttribute returns the step that caps a zone's memory, in bytes
// (ZONE_ATTR_PHYS_MCAP).
func PhysMcapAttribute(bytes uint64) Step {
	return Attribute(AttrPhysMcap, binary.LittleEndian.AppendUint64(nil, bytes))
}

// BrandAttribute returns the step that sets the brand (ZONE_ATTR_BRAND): its name, and
// the name of the kernel module that implements it. Names that are too long are an
// error.
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

// SetText sets an attribute that is a string.
func SetText(sys System, id ID, attr Attr, value string) error {
	return TextAttribute(attr, value).Attr.set(sys, id)
}

// SetHostID sets the host id of a zone that isn't booted (ZONE_ATTR_HOSTID).
func SetHostID(sys System, id ID, hostid uint32) error {
	return HostIDAttribute(hostid).Attr.set(sys, id)
}

// SetPhysMcap caps a zone's memory, in bytes (ZONE_ATTR_PHYS_MCAP).
func SetPhysMcap(sys System, id ID, bytes uint64) error {
	return PhysMcapAttribute(bytes).Attr.set(sys, id)
}

// SetBrand sets a zone's brand (ZONE_ATTR_BRAND).
func SetBrand(sys System, id ID, name string) error {
	step, err := BrandAttribute(name, name)
	if err != nil {
		return err
	}
	return step.Attr.set(sys, id)
}

// NoRestart makes the zone halt when its init exits (ZONE_ATTR_INITNORESTART).
func NoRestart(sys System, id ID) error { return sys.Setattr(id, AttrInitNoRestart, nil) }
