package lang

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gozones/zones/zonecfg"
)

// Change is a difference between two configurations.
type Change struct {
	Kind string `json:"kind"`          // a property of the zone, or the type of a resource
	Old  string `json:"old,omitempty"` // as info writes it, "" where it is new
	New  string `json:"new,omitempty"` // "" where it is gone
}

// Changes returns what is different in b: properties that have another value, and
// resources that only one of them has. Where only their order is another, the
// resources that moved are gone and new.
func Changes(a, b *zonecfg.Zone) []Change {
	var out []Change
	for _, name := range settings {
		x, _ := a.Property(name)
		y, _ := b.Property(name)
		if x != y {
			out = append(out, Change{name, name + ": " + x, name + ": " + y})
		}
	}
	for _, kind := range infoOrder {
		if kind == "capped-cpu" {
			continue // a resource control
		}
		out = append(out, compare(kind, blocks(a, kind), blocks(b, kind))...)
	}
	return append(out, compare("other elements", others(a), others(b))...)
}

// blocks returns the resources of a type as info writes them, but for numbers, which
// aren't rounded here.
func blocks(z *zonecfg.Zone, kind string) []string {
	var list []string
	switch kind {
	case "dedicated-cpu":
		if c := z.DedicatedCPU; c != nil {
			var text strings.Builder
			(&printer{w: &text}).cpu(*c)
			list = append(list, text.String())
		}
	case "capped-memory":
		if m := z.CappedMemory; m != nil {
			list = append(list, "capped-memory:\n\tphysical: "+m.Physical+"\n")
		}
	default:
		for _, r := range resourcesOf(z, kind) {
			var text strings.Builder
			(&printer{w: &text}).resource(r)
			list = append(list, text.String())
		}
	}
	return list
}

// others returns what the language has no words for.
func others(z *zonecfg.Zone) []string {
	var list []string
	add := func(kind string, values ...any) {
		list = append(list, kind+":\n\t"+strings.TrimSuffix(fmt.Sprintln(values...), "\n")+"\n")
	}
	for _, r := range z.InheritedPkgDir {
		add("inherited-pkg-dir", r.Dir)
	}
	for _, r := range z.DeletedDevice {
		add("deleted-device", r.Match)
	}
	for _, r := range z.Package {
		add("package", r.Name, r.Version)
	}
	for _, r := range z.Patch {
		add("patch", r.ID, r.Obsoletes, r.Incompatible)
	}
	for _, r := range z.DevPerm {
		add("dev-perm", r.Name, r.UID, r.GID, r.Mode, r.ACL)
	}
	return list
}

// compare compares two lists: what stands in both, in the same order, stays.
func compare(kind string, a, b []string) []Change {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	var out []Change
	kept := b
	for _, old := range a {
		if i := slices.Index(kept, old); i >= 0 {
			out = append(out, news(kind, kept[:i])...)
			kept = kept[i+1:]
			continue
		}
		out = append(out, Change{Kind: kind, Old: old})
	}
	return append(out, news(kind, kept)...)
}

func news(kind string, list []string) []Change {
	var out []Change
	for _, n := range list {
		out = append(out, Change{Kind: kind, New: n})
	}
	return out
}

// WriteChanges writes changes as diff(1) does: lines that are gone behind "-", new
// ones behind "+".
func WriteChanges(w io.Writer, changes []Change) {
	mark := func(sign, block string) {
		for line := range strings.Lines(block) {
			fmt.Fprint(w, sign, strings.TrimSuffix(line, "\n"), "\n")
		}
	}
	for _, c := range changes {
		mark("-", c.Old)
		mark("+", c.New)
	}
}
