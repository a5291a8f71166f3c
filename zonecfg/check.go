package zonecfg

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/rctl"
)

// missing collects "X not specified" for what is empty of pairs of property and
// value.
func missing(prefix string, pairs ...string) []error {
	var list []error
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			list = append(list, &Invalid{ErrNeedProperty, pairs[i], prefix + pairs[i] + " not specified"})
		}
	}
	return list
}

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
func (f FS) Check() []error {
	list := missing("", "dir", f.Dir)
	absolute := func(property, path string) {
		if path != "" && path[0] != '/' {
			list = append(list, &Invalid{ErrInvalid, property, property + " " + path + " is not an absolute path."})
		}
	}
	absolute("dir", f.Dir)
	list = append(list, missing("", "special", f.Special)...)
	absolute("raw", f.Raw)
	return append(list, missing("", "type", f.Type)...)
}

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
func (n Net) Check() []error { return missing("", "physical", n.Physical) }

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
func (d Device) Check() []error { return missing("", "match", d.Match) }

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
func (r Rctl) Check() []error {
	list := missing("", "name", r.Name)
	if len(r.Values) == 0 {
		list = append(list, &Invalid{ErrNeedProperty, "value", "no value specified"})
	}
	return list
}

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
// What can be said of a name, a type or a value that isn't there is said too.
func (a Attr) Check() []error {
	list := missing("", "name", a.Name, "type", a.Type, "value", a.Value)
	if text := attrName(a.Name); text != "" {
		list = append(list, &Invalid{ErrInvalid, "name", text})
	}
	switch ok, known := attrValue(a.Type, a.Value); {
	case !known:
		list = append(list, &Invalid{ErrInvalid, "type", "invalid attr type '" + a.Type + "'"})
	case !ok:
		list = append(list, &Invalid{ErrInvalid, "value", "invalid attr value for type=" + a.Type})
	}
	return list
}

func attrName(name string) string {
	if name == "" || !alnum(name[0]) {
		return "Invalid attr name " + name + ": must start with an alpha-numeric character."
	}
	for i := range len(name) {
		if !alnum(name[i]) && name[i] != '-' && name[i] != '.' {
			return "Invalid attr name " + name + ": can only contain alpha-numeric characters, plus '-' and '.'."
		}
	}
	return ""
}

// attrValue holds a value against an attr's type. The numbers are those of
// strtoll(3C) and strtoull(3C) with base 10, the whole of the text.
func attrValue(t, value string) (ok, known bool) {
	digits := strings.TrimLeft(value, " \t\n\v\f\r")
	switch t {
	case "boolean":
		return value == "true" || value == "false", true
	case "int":
		_, err := strconv.ParseInt(digits, 10, 64)
		return err == nil || value == "", true
	case "uint":
		_, err := strconv.ParseUint(strings.TrimPrefix(digits, "+"), 10, 64)
		return err == nil && !strings.HasPrefix(digits, "++") || value == "", true
	case "string":
		return true, true
	}
	return false, false
}

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
func (d Dataset) Check() []error { return missing("", "name", d.Name) }

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
func (c DedicatedCPU) Check() []error { return missing("", "ncpus", c.Min) }

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each:
// users and authorizations are those of the machine. nil for either: all are known.
func (a Admin) Check(zone string, on Machine) []error {
	list := missing("", "user", a.User, "auths", a.Auths)
	if len(list) > 0 {
		return list
	}
	return a.known(zone, on)
}

func (a Admin) known(zone string, on Machine) []error {
	if on.User != nil && !on.User(a.User) {
		return []error{&Invalid{ErrBadProperty, "user", "user " + a.User + " is not a valid username"}}
	}
	if on.Authorization == nil {
		return nil
	}
	for _, auth := range strings.Split(a.Auths, ",") {
		if !on.Authorization("solaris.zone." + auth) {
			return []error{&Invalid{ErrBadProperty, "auths", "zone '" + zone + "': '" + auth + "' is not a valid authorization"}}
		}
	}
	return nil
}

// Check returns what zonecfg says at the end of the resource, an *[Invalid] each.
func (s SecurityFlags) Check() []error {
	messages, ok := s.verify()
	var list []error
	for _, m := range messages {
		code := ErrBadProperty
		if ok {
			code = 0
		}
		list = append(list, &Invalid{code, "", m})
	}
	return list
}

// CheckMemory returns what zonecfg says at the end of a capped-memory resource with
// that cap on physical memory, nil for none: the caps on swap and locked memory are
// the zone's rctls already. The error is an *[Invalid].
func (z *Zone) CheckMemory(physical *CappedMemory) error {
	swap, _ := rctl.LookupAlias("swap")
	locked, _ := rctl.LookupAlias("locked")
	_, hasSwap, _ := z.Alias(swap)
	lockedCap, hasLocked, _ := z.Alias(locked)
	if physical == nil {
		if !hasSwap && !hasLocked {
			return &Invalid{ErrNeedProperty, "physical", "No property was specified.  One of physical, swap or locked is required."}
		}
		return nil
	}
	n, err := rctl.ParseCount(physical.Physical)
	if err == nil && hasLocked && lockedCap > n {
		return &Invalid{ErrInvalid, "locked", "The locked cap must be less than or equal to the physical cap."}
	}
	return nil
}

// CheckDuplicate returns what zonecfg says when the zone has a resource like that
// one, which is about to be added. The error is an *[Invalid].
func (z *Zone) CheckDuplicate(r Resource) error {
	exists := func(found bool, article, kind, property, value string) error {
		if !found {
			return nil
		}
		return &Invalid{ErrNameInUse, property, article + " " + kind + " resource with the " + property + " '" + value + "' already exists."}
	}
	switch r := r.(type) {
	case FS:
		return exists(slices.ContainsFunc(z.FS, func(o FS) bool { return o.Dir == r.Dir }), "A", "fs", "dir", r.Dir)
	case Device:
		return exists(slices.Contains(z.Device, r), "A", "device", "match", r.Match)
	case Rctl:
		return exists(slices.ContainsFunc(z.Rctl, func(o Rctl) bool { return o.Name == r.Name }), "A", "rctl", "name", r.Name)
	case Attr:
		return exists(slices.ContainsFunc(z.Attr, func(o Attr) bool { return o.Name == r.Name }), "An", "attr", "name", r.Name)
	case Dataset:
		return exists(slices.Contains(z.Dataset, r), "A", "dataset", "name", r.Name)
	case Admin:
		return exists(slices.ContainsFunc(z.Admin, func(o Admin) bool { return o.User == r.User }), "A", "admin", "user", r.User)
	case Net:
		like := func(o Net) bool {
			if z.Exclusive() && r.AllowedAddress != "" && !SameAddress(o.AllowedAddress, r.AllowedAddress) {
				return false
			}
			if !z.Exclusive() && r.Address != "" && !SameAddress(o.Address, r.Address) {
				return false
			}
			return o.Physical == r.Physical && (r.Defrouter == "" || SameAddress(o.Defrouter, r.Defrouter))
		}
		property, address := "address", r.Address
		if address == "" {
			property, address = "allowed-address", r.AllowedAddress
		}
		if slices.ContainsFunc(z.Net, like) {
			return &Invalid{ErrNameInUse, "physical", "A net resource with the physical '" + r.Physical + "', and " + property + " '" + address + "' already exists."}
		}
	}
	return nil
}

// SameAddress compares addresses; a prefix length that only one of them has doesn't
// count.
func SameAddress(a, b string) bool {
	hostA, _, prefixA := strings.Cut(a, "/")
	hostB, _, prefixB := strings.Cut(b, "/")
	return a == b || hostA == hostB && prefixA != prefixB
}
