package zonecfg

import (
	"slices"

	"github.com/gozones/zones/zonecfg/internal/markup"
)

// kinds are the elements that a zone has lists of, in the order in which they are
// written where nothing else says one.
var kinds = []struct {
	element string
	of      func(z *Zone) []markup.Node
}{
	{"filesystem", func(z *Zone) []markup.Node { return nodes(z.FS) }},
	{"inherited-pkg-dir", func(z *Zone) []markup.Node { return nodes(z.InheritedPkgDir) }},
	{"network", func(z *Zone) []markup.Node { return nodes(z.Net) }},
	{"device", func(z *Zone) []markup.Node { return nodes(z.Device) }},
	{"deleted-device", func(z *Zone) []markup.Node { return nodes(z.DeletedDevice) }},
	{"rctl", func(z *Zone) []markup.Node { return nodes(z.Rctl) }},
	{"attr", func(z *Zone) []markup.Node { return nodes(z.Attr) }},
	{"dataset", func(z *Zone) []markup.Node { return nodes(z.Dataset) }},
	{"admin", func(z *Zone) []markup.Node { return nodes(z.Admin) }},
	{"package", func(z *Zone) []markup.Node { return nodes(z.Package) }},
	{"patch", func(z *Zone) []markup.Node { return nodes(z.Patch) }},
	{"dev-perm", func(z *Zone) []markup.Node { return nodes(z.DevPerm) }},
}

func nodes[R Resource](list []R) []markup.Node {
	out := make([]markup.Node, len(list))
	for i, r := range list {
		out[i] = r.element()
	}
	return out
}

// document returns the zone as a document: the one that it was read from, with what
// has been changed since.
func (z *Zone) document() *markup.Document {
	d := markup.Document{Version: "1.0", Doctype: &markup.Doctype{Name: "zone", Public: dtdPublic, System: dtdSystem},
		Root: &markup.Element{Name: "zone"}}
	was := &Zone{}
	if z.layout != nil {
		d = *z.layout
		was.read(d.Root)
	}
	root := *z.attributes(d.Root)
	root.Children = z.children(root.Children, was)
	d.Root = &root
	return &d
}

// attributes returns the root element with the attributes that the properties ask
// for. One that isn't set has none, unless it stands there empty.
func (z *Zone) attributes(root *markup.Element) *markup.Element {
	autoboot, ipType := "false", ""
	if z.Autoboot {
		autoboot = "true"
	}
	if z.IPType != SharedIP {
		ipType = string(z.IPType)
	}
	for _, a := range []struct {
		name, value string
		required    bool
	}{
		{"name", z.Name, true}, {"zonepath", z.Zonepath, true}, {"autoboot", autoboot, true}, {"brand", z.Brand, false},
		{"bootargs", z.BootArgs, false}, {"pool", z.Pool, false}, {"limitpriv", z.LimitPriv, false}, {"scheduling-class", z.SchedClass, false},
		{"ip-type", ipType, false}, {"hostid", z.HostID, false}, {"fs-allowed", z.FSAllowed, false},
	} {
		value, ok := root.Get(a.name)
		switch {
		case ok && value == a.value, ok && a.name == "ip-type" && a.value == "" && value == string(SharedIP):
		case a.value == "" && !a.required:
			if ok {
				root = root.Without(a.name)
			}
		default:
			root = root.With(a.name, a.value)
		}
	}
	return root
}

// children returns the elements of the zone: those of list that still hold, where
// they are, with what is new.
func (z *Zone) children(list []markup.Node, was *Zone) []markup.Node {
	var tail []markup.Node
	place := make(map[*markup.Element][]markup.Node) // what stands before an element
	gone := make(map[*markup.Element]bool)
	for _, k := range kinds {
		var have []markup.Node
		for _, n := range list {
			if e, ok := n.(*markup.Element); ok && e.Name == k.element {
				have = append(have, n)
			}
		}
		tail = append(tail, merge(have, k.of(z), place, gone)...)
	}
	drop := func(names ...string) {
		for _, n := range list {
			if e, ok := n.(*markup.Element); ok && slices.Contains(names, e.Name) {
				gone[e] = true
			}
		}
	}
	if !same(was.CappedMemory, z.CappedMemory) {
		drop("mcap")
		if z.CappedMemory != nil {
			tail = append(tail, elements(z.CappedMemory)...)
		}
	}
	if !same(was.DedicatedCPU, z.DedicatedCPU) {
		drop("pset", "tmp_pool")
		if z.DedicatedCPU != nil {
			tail = append(tail, elements(z.DedicatedCPU)...)
		}
	}
	if !same(was.SecurityFlags, z.SecurityFlags) {
		drop("security-flags")
		if z.SecurityFlags != nil {
			tail = append(tail, elements(z.SecurityFlags)...)
		}
	}
	if len(tail) == 0 && len(place) == 0 && len(gone) == 0 {
		return list
	}
	var out []markup.Node
	for _, n := range list {
		e, ok := n.(*markup.Element)
		if ok {
			out = append(out, place[e]...)
		}
		if !ok || !gone[e] {
			out = append(out, n)
		}
	}
	return append(out, tail...)
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// merge finds what of have stands in want too, in the same order, and marks the rest
// as gone. What of want is new is placed before the next one that stays, or
// returned when none follows.
func merge(have, want []markup.Node, place map[*markup.Element][]markup.Node, gone map[*markup.Element]bool) (tail []markup.Node) {
	a, b := keys(have), keys(want)
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		have, want, a, b = have[1:], want[1:], a[1:], b[1:]
	}
	var after []markup.Node // the first of those that stay at the end
	for n := len(a); len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1]; n = len(a) {
		after = have[n-1 : n]
		have, want, a, b = have[:n-1], want[:len(want)-1], a[:n-1], b[:len(b)-1]
	}
	stay := common(a, b)
	pending := func(before markup.Node, list []markup.Node) {
		if e, ok := before.(*markup.Element); ok && len(list) > 0 {
			place[e] = append(place[e], list...)
		}
	}
	i, j := 0, 0
	for _, s := range stay {
		for ; i < s[0]; i++ {
			gone[have[i].(*markup.Element)] = true
		}
		pending(have[i], want[j:s[1]])
		i, j = i+1, s[1]+1
	}
	for ; i < len(have); i++ {
		gone[have[i].(*markup.Element)] = true
	}
	if len(after) > 0 {
		pending(after[0], want[j:])
		return nil
	}
	return want[j:]
}

// keys returns what elements say, however they are written.
func keys(list []markup.Node) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = key(n.(*markup.Element))
	}
	return out
}

// key writes an element with its attributes in one order and without comments.
func key(e *markup.Element) string { return string(canonical(e).Bytes()) }

func canonical(e *markup.Element) *markup.Element {
	c := &markup.Element{Name: e.Name}
	rule, _ := declared(e.Name)
	for _, name := range rule.required {
		c.Attrs = append(c.Attrs, markup.Attr{Name: name, Value: e.Value(name)})
	}
	for _, name := range rule.optional {
		if v := e.Value(name); v != "" {
			c.Attrs = append(c.Attrs, markup.Attr{Name: name, Value: v})
		}
	}
	// A patch has two lists of children: their order counts in each.
	for _, name := range rule.children {
		for _, child := range e.Elements() {
			if child.Name == name {
				c.Children = append(c.Children, canonical(child))
			}
		}
	}
	return c
}

// maxTable bounds the work of common; beyond it everything counts as changed.
const maxTable = 1 << 22

// common returns the pairs of indices of a longest common subsequence.
func common(a, b []string) (pairs [][2]int) {
	if len(a) == 0 || len(b) == 0 || len(a)*len(b) > maxTable {
		return nil
	}
	width := len(b) + 1
	length := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[(i+1)*width+j] >= length[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}
