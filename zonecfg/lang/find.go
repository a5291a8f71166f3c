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

// keyProperties are what select, remove and info may find a resource by.
var keyProperties = map[string][]string{
	"fs": {"dir", "special", "raw", "type"}, "net": {"physical", "address", "allowed-address", "defrouter"}, "device": {"match"},
	"rctl": {"name"}, "attr": {"name", "type", "value"}, "dataset": {"name"}, "admin": {"user"}, "security-flags": {"default", "lower", "upper"},
}

// keys returns the properties that a resource is to be found by, without the empty
// ones, which aren't looked at. It says what is wrong with them.
func (s *Session) keys(c *Command) (map[string]string, error) {
	keys := map[string]string{}
	for _, p := range c.Pairs {
		if p.Value.Kind != Simple {
			s.fail("A simple value was expected here.")
			return nil, zonecfg.ErrInsufficient
		}
		known := false
		for _, k := range keyProperties[c.Resource] {
			known = known || k == p.Property
		}
		if !known {
			s.failWith(p.Property, zonecfg.ErrNoProperty)
			return nil, zonecfg.ErrInsufficient
		}
		delete(keys, p.Property)
		if p.Value.Text != "" {
			keys[p.Property] = p.Value.Text
		}
	}
	return keys, nil
}

// find returns the one resource that a command is about, nil when its type only
// stands for resource controls. ErrNoResource when there is none like that,
// ErrInsufficient when there are several.
func (s *Session) find(c *Command) (zonecfg.Resource, error) {
	z := s.zone
	switch c.Resource {
	case "dedicated-cpu":
		if z.DedicatedCPU == nil {
			return nil, zonecfg.ErrNoEntry
		}
		return *z.DedicatedCPU, nil
	case "capped-cpu":
		return nil, nil
	case "capped-memory":
		if z.CappedMemory == nil {
			return nil, nil
		}
		return *z.CappedMemory, nil
	}
	keys, err := s.keys(c)
	if err != nil {
		return nil, err
	}
	if c.Resource == "security-flags" {
		if z.SecurityFlags == nil {
			return nil, zonecfg.ErrNoEntry
		}
		return *z.SecurityFlags, nil
	}
	if keys["address"] != "" && keys["allowed-address"] != "" {
		return nil, zonecfg.ErrInvalid
	}
	if len(keys) == 0 {
		return nil, zonecfg.ErrNoResource
	}
	var found zonecfg.Resource
	for _, r := range resourcesOf(z, c.Resource) {
		if !matches(r, keys) {
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

// matches tells whether a resource has those properties. Of a file system a dir that
// isn't the given one doesn't count against it where something else fits.
func matches(r zonecfg.Resource, keys map[string]string) bool {
	fits := func(property, value string) bool { return keys[property] == "" || keys[property] == value }
	switch r := r.(type) {
	case zonecfg.FS:
		_, bySpecial := keys["special"]
		_, byRaw := keys["raw"]
		_, byType := keys["type"]
		if !fits("special", r.Special) || !fits("raw", r.Raw) || !fits("type", r.Type) {
			return false
		}
		return bySpecial || byRaw || byType || fits("dir", r.Dir)
	case zonecfg.Net:
		return fits("physical", r.Physical) && fitsAddress(keys["address"], r.Address) &&
			fitsAddress(keys["allowed-address"], r.AllowedAddress) && fitsAddress(keys["defrouter"], r.Defrouter)
	case zonecfg.Device:
		return fits("match", r.Match)
	case zonecfg.Rctl:
		return fits("name", r.Name)
	case zonecfg.Attr:
		return fits("name", r.Name) && fits("type", r.Type) && fits("value", r.Value)
	case zonecfg.Dataset:
		return fits("name", r.Name)
	case zonecfg.Admin:
		return fits("user", r.User)
	}
	return false
}

func fitsAddress(key, address string) bool { return key == "" || zonecfg.SameAddress(key, address) }
