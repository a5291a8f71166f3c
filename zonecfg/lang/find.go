package lang

import (
	"errors"

	"github.com/gozones/zones/zonecfg"
)

// codeOf returns the number of an error.
func codeOf(err error) (zonecfg.Code, bool) {
	var code zonecfg.Code
	ok := errors.As(err, &code)
	return code, ok
}

// keyProperties are what select, remove and info may name a resource by.
var keyProperties = map[string][]string{
	"fs": {"dir", "special", "raw", "type"}, "net": {"physical", "address", "allowed-address", "defrouter"}, "device": {"match"},
	"rctl": {"name"}, "attr": {"name", "type", "value"}, "dataset": {"name"}, "admin": {"user", "auths"}, "security-flags": {"default", "lower", "upper"},
}

// keys are the properties that a resource is to be found by; an empty one isn't looked
// at.
type keys map[string]string

// fits tells whether a property isn't asked for or is the one that is.
func (k keys) fits(property, value string) bool { return k[property] == "" || k[property] == value }

// keys returns what a command names a resource by, or says what is wrong with it.
func (s *Session) keys(c *Command) (keys, error) {
	k := keys{}
	for _, p := range c.Pairs {
		if p.Value.Kind != Simple {
			s.fail("A simple value was expected here.")
			return nil, zonecfg.ErrInsufficient
		}
		known := false
		for _, name := range keyProperties[c.Resource] {
			known = known || name == p.Property
		}
		if !known {
			s.failWith(p.Property, zonecfg.ErrNoProperty)
			return nil, zonecfg.ErrInsufficient
		}
		k[p.Property] = cut(c.Resource, p.Property, p.Value.Text)
	}
	return k, nil
}

// find returns the one resource that a command is about, with what a change of it is
// to take the place of. ErrNoResource when there is none like that, ErrInsufficient
// when there are several.
func (s *Session) find(c *Command) (zonecfg.Resource, error) {
	k, err := s.keys(c)
	if err != nil {
		return nil, err
	}
	z := s.zone
	switch c.Resource {
	case "fs":
		return chosen(z.FS, firstMatch(len(z.FS), func(i int) [][2]string {
			f := z.FS[i]
			return [][2]string{{k["dir"], f.Dir}, {k["special"], f.Special}, {k["raw"], f.Raw}, {k["type"], f.Type}}
		}))
	case "attr":
		return chosen(z.Attr, firstMatch(len(z.Attr), func(i int) [][2]string {
			a := z.Attr[i]
			return [][2]string{{k["name"], a.Name}, {k["type"], a.Type}, {k["value"], a.Value}}
		}))
	case "net":
		return s.findNet(k)
	case "rctl":
		if k["name"] == "" {
			return nil, zonecfg.ErrInvalid
		}
		for _, r := range z.Rctl {
			if r.Name == k["name"] {
				return r, nil
			}
		}
		return nil, zonecfg.ErrNoResource
	case "device":
		return only(z.Device, func(d zonecfg.Device) bool { return d.Match == k["match"] }, k["match"])
	case "dataset":
		return only(z.Dataset, func(d zonecfg.Dataset) bool { return d.Name == k["name"] }, k["name"])
	case "admin":
		return only(z.Admin, func(a zonecfg.Admin) bool { return a.User == k["user"] }, k["user"])
	case "security-flags":
		if z.SecurityFlags == nil {
			return nil, zonecfg.ErrNoEntry
		}
		return *z.SecurityFlags, nil
	}
	return nil, zonecfg.ErrNoResourceType
}

// only returns the one of a list that fits. Without a key none does.
func only[R zonecfg.Resource](list []R, fits func(R) bool, key string) (zonecfg.Resource, error) {
	var found zonecfg.Resource
	for _, r := range list {
		if key == "" || !fits(r) {
			continue
		}
		if found != nil {
			return nil, zonecfg.ErrInsufficient
		}
		found = r
	}
	if found == nil {
		return nil, zonecfg.ErrNoResource
	}
	return found, nil
}

const (
	noMatch = -1
	several = -2
)

// firstMatch looks for a resource by several keys as zonecfg(8) does, and returns its
// number, noMatch or several. held returns the keys, "" for one that isn't asked for,
// each with what resource i has. In each resource they are held against it one after
// the other: the first key that fits chooses the resource, another one that doesn't fit
// gives it up again; but the first of all keys only ever chooses. So a file system is
// found by its type although its dir is another one.
func firstMatch(n int, held func(i int) [][2]string) int {
	found := noMatch
	for i := range n {
		for key, pair := range held(i) {
			fits := pair[0] == pair[1]
			switch {
			case pair[0] == "":
			case fits && found == noMatch:
				found = i
			case fits && (found != i || key == 0):
				return several
			case !fits && key > 0 && found == i:
				found = noMatch
			}
		}
	}
	return found
}

func chosen[R zonecfg.Resource](list []R, i int) (zonecfg.Resource, error) {
	switch i {
	case noMatch:
		return nil, zonecfg.ErrNoResource
	case several:
		return nil, zonecfg.ErrInsufficient
	}
	return list[i], nil
}

// findNet looks for an interface. Of its addresses only the one of the zone's IP type
// is looked at; the other one is taken to be as it was asked for.
func (s *Session) findNet(k keys) (zonecfg.Resource, error) {
	z := s.zone
	if k["address"] != "" && k["allowed-address"] != "" {
		return nil, zonecfg.ErrInvalid
	}
	if k["address"]+k["allowed-address"]+k["physical"]+k["defrouter"] == "" {
		return nil, zonecfg.ErrInsufficient
	}
	var found *zonecfg.Net
	for _, n := range z.Net {
		address, property := n.Address, "address"
		if z.Exclusive() {
			address, property = n.AllowedAddress, "allowed-address"
		}
		if !k.fits("physical", n.Physical) || !fitsAddress(k[property], address) || !fitsAddress(k["defrouter"], n.Defrouter) {
			continue
		}
		if found != nil {
			return nil, zonecfg.ErrInsufficient
		}
		found = &n
	}
	if found == nil {
		return nil, zonecfg.ErrNoResource
	}
	n := *found
	if z.Exclusive() {
		n.Address = k["address"]
	} else {
		n.AllowedAddress = k["allowed-address"]
	}
	return n, nil
}

func fitsAddress(key, address string) bool { return key == "" || zonecfg.SameAddress(key, address) }

// takeOut takes the first resource out that is the same as one that was found.
// ErrNoResource when there is none.
func (s *Session) takeOut(kind string, old zonecfg.Resource) error {
	for _, r := range resourcesOf(s.zone, kind) {
		if same(r, old) {
			return s.zone.Remove(r)
		}
	}
	return zonecfg.ErrNoResource
}

// same compares what a resource is changed or removed by.
func same(a, b zonecfg.Resource) bool {
	switch a := a.(type) {
	case zonecfg.FS:
		b := b.(zonecfg.FS)
		return a.Dir == b.Dir && a.Special == b.Special && a.Raw == b.Raw && a.Type == b.Type
	case zonecfg.Net:
		b := b.(zonecfg.Net)
		return a.Physical == b.Physical && a.Address == b.Address && a.AllowedAddress == b.AllowedAddress
	case zonecfg.Rctl:
		return a.Name == b.(zonecfg.Rctl).Name
	case zonecfg.Admin:
		return a.User == b.(zonecfg.Admin).User
	case zonecfg.Device, zonecfg.Attr, zonecfg.Dataset, zonecfg.DedicatedCPU, zonecfg.SecurityFlags:
		return a == b
	}
	return false
}

// resourcesOf returns the resources of a type, in their order.
func resourcesOf(z *zonecfg.Zone, resource string) []zonecfg.Resource {
	switch resource {
	case "fs":
		return all(z.FS)
	case "net":
		return all(z.Net)
	case "device":
		return all(z.Device)
	case "rctl":
		return all(z.Rctl)
	case "attr":
		return all(z.Attr)
	case "dataset":
		return all(z.Dataset)
	case "admin":
		return all(z.Admin)
	case "security-flags":
		if z.SecurityFlags != nil {
			return []zonecfg.Resource{*z.SecurityFlags}
		}
	case "dedicated-cpu":
		if z.DedicatedCPU != nil {
			return []zonecfg.Resource{*z.DedicatedCPU}
		}
	}
	return nil
}

func all[R zonecfg.Resource](list []R) []zonecfg.Resource {
	out := make([]zonecfg.Resource, len(list))
	for i, r := range list {
		out[i] = r
	}
	return out
}
