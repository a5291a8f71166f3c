package zone

import (
	"errors"

	"github.com/gozones/zones/sys/errno"
)

// Info describes an active zone at one moment.
type Info struct {
	ID     ID     `json:"id"`
	UniqID uint64 `json:"uniqid"`
	Name   string `json:"name"`
	Status Status `json:"status"`
	Root   string `json:"root"` // as the caller sees it
	Brand  string `json:"brand"`
	Flags  uint16 `json:"flags"`
}

// Table has every zone that the caller sees, and the zone that the caller runs in.
type Table struct {
	Caller ID     `json:"caller"`
	Zones  []Info `json:"zones"` // in the order in which they were made
}

// ByName returns the zone with that name, nil when there is none.
func (t *Table) ByName(name string) *Info {
	for i := range t.Zones {
		if t.Zones[i].Name == name {
			return &t.Zones[i]
		}
	}
	return nil
}

// TableOf reads the table by zone(2) alone. Zones that are destroyed meanwhile are
// left out.
func TableOf(sys System) (*Table, error) {
	caller, err := sys.Lookup("")
	if err != nil {
		return nil, err
	}
	ids, err := IDs(sys)
	if err != nil {
		return nil, err
	}
	t := &Table{Caller: caller, Zones: make([]Info, 0, len(ids))}
	for _, id := range ids {
		info, err := infoOf(sys, id)
		if errors.Is(err, errno.EINVAL) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t.Zones = append(t.Zones, info)
	}
	return t, nil
}

// InspectZone looks up a zone by name, by zone(2) alone. EINVAL when there is none.
func InspectZone(sys System, name string) (Info, error) {
	id, err := sys.Lookup(name)
	if err != nil {
		return Info{}, err
	}
	return infoOf(sys, id)
}

func infoOf(sys System, id ID) (info Info, err error) {
	info.ID = id
	if info.UniqID, err = UniqIDOf(sys, id); err != nil {
		return info, err
	}
	if info.Name, err = NameOf(sys, id); err != nil {
		return info, err
	}
	if info.Root, err = RootOf(sys, id); err != nil {
		return info, err
	}
	if info.Brand, err = BrandOf(sys, id); err != nil {
		return info, err
	}
	if info.Flags, err = FlagsOf(sys, id); err != nil {
		return info, err
	}
	info.Status, err = StatusOf(sys, id) // last: the zone still exists, so the rest is of the same one
	return info, err
}

// IDs returns the ids of the zones that the caller sees, in the order in which they
// were made.
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
