package zonecfg

import (
	"slices"
	"strings"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg/internal/cnum"
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
	switch t {
	case "boolean":
		return value == "true" || value == "false", true
	case "int":
		_, ok := cnum.Int(value)
		return ok, true
	case "uint":
		_, rest, ok := cnum.Uint(value, 10)
		n, fits := cnum.Int(value)
		return ok && rest == "" && !(fits && n < 0), true
	case "string":
		return len(value) < nameMax, true
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
	list := missing("", "user", a.User)
	if a.User != "" {
		list = append(list, a.unknownUser(on)...)
	}
	list = append(list, missing("", "auths", a.Auths)...)
	return append(list, a.unknownAuths(zone, on)...)
}

func (a Admin) unknownUser(on Machine) []error {
	if on.User == nil || on.User(a.User) {
		return nil
	}
	return []error{&Invalid{ErrBadProperty, "user", "user " + a.User + " is not a valid username"}}
}

// unknownAuths returns an error for each right that there isn't. Empty ones between
// commas don't count.
func (a Admin) unknownAuths(zone string, on Machine) (list []error) {
	for right := range strings.SplitSeq(a.Auths, ",") {
		if right != "" && on.Authorization != nil && !on.Authorization("solaris.zone."+right) {
			list = append(list, &Invalid{ErrBadProperty, "auths", "zone '" + zone + "': '" + right + "' is not a valid authorization"})
		}
	}
	return list
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
// one, which is about to be added. It says nothing where there are several already.
// The error is an *[Invalid].
func (z *Zone) CheckDuplicate(r Resource) error {
	exists := func(found bool, article, kind, property, value string) error {
		if !found {
			return nil
		}
		return &Invalid{ErrNameInUse, property, article + " " + kind + " resource with the " + property + " '" + value + "' already exists."}
	}
	switch r := r.(type) {
	case FS:
		return exists(one(z.FS, func(o FS) bool { return o.Dir == r.Dir }), "A", "fs", "dir", r.Dir)
	case Device:
		return exists(one(z.Device, func(o Device) bool { return o == r }), "A", "device", "match", r.Match)
	case Rctl:
		return exists(slices.ContainsFunc(z.Rctl, func(o Rctl) bool { return o.Name == r.Name }), "A", "rctl", "name", r.Name)
	case Attr:
		return exists(one(z.Attr, func(o Attr) bool { return o.Name == r.Name }), "An", "attr", "name", r.Name)
	case Dataset:
		return exists(one(z.Dataset, func(o Dataset) bool { return o == r }), "A", "dataset", "name", r.Name)
	case Admin:
		return exists(one(z.Admin, func(o Admin) bool { return o.User == r.User }), "A", "admin", "user", r.User)
	case Net:
		if r.Address != "" && r.AllowedAddress != "" || !one(z.Net, func(o Net) bool { return z.likeNet(o, r) }) {
			return nil
		}
		property, address := "address", r.Address
		if address == "" {
			property, address = "allowed-address", r.AllowedAddress
		}
		return &Invalid{ErrNameInUse, "physical", "A net resource with the physical '" + r.Physical + "', and " + property + " '" + address + "' already exists."}
	}
	return nil
}

// one tells whether exactly one of a list is like that.
func one[R any](list []R, like func(R) bool) bool {
	i := slices.IndexFunc(list, like)
	return i >= 0 && !slices.ContainsFunc(list[i+1:], like)
}

// likeNet compares what an interface is found by: of the addresses the one that the
// zone's IP type has, and only what is set in want.
func (z *Zone) likeNet(n, want Net) bool {
	fits := func(want, have string) bool { return want == "" || SameAddress(want, have) }
	address, wanted := n.Address, want.Address
	if z.Exclusive() {
		address, wanted = n.AllowedAddress, want.AllowedAddress
	}
	return (want.Physical == "" || want.Physical == n.Physical) && fits(wanted, address) && fits(want.Defrouter, n.Defrouter)
}

// SameAddress compares addresses; a prefix length that only one of them has doesn't
// count.
func SameAddress(a, b string) bool {
	hostA, _, prefixA := strings.Cut(a, "/")
	hostB, _, prefixB := strings.Cut(b, "/")
	return a == b || hostA == hostB && prefixA != prefixB
}
