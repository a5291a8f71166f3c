package zonecfg

import (
	"slices"
	"strconv"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg/internal/cnum"
	"github.com/gozones/zones/zonecfg/internal/markup"
)

// adopt makes a document the zone's own.
func (z *Zone) adopt(d *markup.Document) {
	z.layout = d
	z.read(d.Root)
}

// withChildren makes a document with other elements the zone's own.
func (z *Zone) withChildren(d *markup.Document, list []markup.Node) {
	o, root := *d, *d.Root
	root.Children = list
	o.Root = &root
	z.adopt(&o)
}

// Append adds a resource at the end of the zone's file, as zonecfg does at the end
// of an add. It checks nothing. A second one of what counts once is added too, and
// the first goes on counting.
func (z *Zone) Append(r Resource) {
	d := z.document()
	z.withChildren(d, append(slices.Clone(d.Root.Children), elements(r)...))
}

// Replace takes a resource out and adds another one at the end, as zonecfg does at
// the end of a select. ErrNoResource when the zone hasn't got the old one.
func (z *Zone) Replace(old, new Resource) error {
	c := *z
	if err := c.Remove(old); err != nil {
		return err
	}
	c.Append(new)
	*z = c
	return nil
}

// Remove takes the first resource that says the same out; ErrNoResource when there
// is none. Of a dedicated-cpu it takes out the importance too.
func (z *Zone) Remove(r Resource) error {
	d := z.document()
	want := key(r.element())
	i := slices.IndexFunc(d.Root.Children, func(n markup.Node) bool {
		e, ok := n.(*markup.Element)
		return ok && e.Name == r.element().Name && key(e) == want
	})
	if i < 0 {
		return ErrNoResource
	}
	list := slices.Delete(slices.Clone(d.Root.Children), i, i+1)
	if r.element().Name == "pset" {
		list = slices.DeleteFunc(list, func(n markup.Node) bool {
			e, ok := n.(*markup.Element)
			return ok && e.Name == "tmp_pool"
		})
	}
	z.withChildren(d, list)
	return nil
}

// RctlEntries returns the resource controls as sys/rctl takes them.
func (z *Zone) RctlEntries() []rctl.TextEntry {
	entries := make([]rctl.TextEntry, len(z.Rctl))
	for i, r := range z.Rctl {
		entries[i] = rctl.TextEntry{Name: r.Name, Values: r.Values}
	}
	return entries
}

// Alias returns what zonecfg shows as the value of an alias: the limit as
// strtoull(3C) reads it in base 10, so 0 for 0x80. set tells that there is one;
// blocked that the control stands there in a form that the alias can't change.
func (z *Zone) Alias(a rctl.Alias) (limit uint64, set, blocked bool) {
	_, set, blocked = a.Of(z.RctlEntries())
	if set {
		i := slices.IndexFunc(z.Rctl, func(r Rctl) bool { return r.Name == a.Control })
		limit, _, _ = cnum.Uint(z.Rctl[i].Values[0].Limit, 10)
	}
	return limit, set, blocked
}

// SetAlias sets the control that an alias stands for, at the end of the zone's file.
// ErrAliasDisallowed when the control stands there in another form.
func (z *Zone) SetAlias(a rctl.Alias, limit uint64) error {
	err := z.ClearAlias(a)
	if err != nil && err != ErrNoEntry {
		return err
	}
	e := a.Entry(limit)
	z.Append(Rctl{Name: e.Name, Values: e.Values})
	return nil
}

// ClearAlias takes the control that an alias stands for out. ErrNoEntry when it
// isn't there, ErrAliasDisallowed when it stands there in another form.
func (z *Zone) ClearAlias(a rctl.Alias) error {
	_, set, blocked := z.Alias(a)
	if blocked {
		return ErrAliasDisallowed
	}
	if !set {
		return ErrNoEntry
	}
	i := slices.IndexFunc(z.Rctl, func(r Rctl) bool { return r.Name == a.Control })
	return z.Remove(z.Rctl[i])
}

// attribute returns the name of the attribute that holds a property, "" for one that
// has none.
func attribute(property string) string {
	switch property {
	case "zonename":
		return "name"
	case "zonepath", "brand", "autoboot", "bootargs", "pool", "limitpriv", "scheduling-class", "ip-type", "hostid", "fs-allowed":
		return property
	}
	return ""
}

// Property returns a property of the zone, as zonecfg shows it: "" when it isn't
// set. The aliases of resource controls are properties too. ErrNoProperty for
// another name.
func (z *Zone) Property(name string) (string, error) {
	switch name {
	case "zonename":
		return z.Name, nil
	case "zonepath":
		return z.Zonepath, nil
	case "brand":
		return z.Brand, nil
	case "autoboot":
		return strconv.FormatBool(z.Autoboot), nil
	case "bootargs":
		return z.BootArgs, nil
	case "pool":
		return z.Pool, nil
	case "limitpriv":
		return z.LimitPriv, nil
	case "scheduling-class":
		return z.SchedClass, nil
	case "ip-type":
		if z.Exclusive() {
			return string(ExclusiveIP), nil
		}
		return string(SharedIP), nil
	case "hostid":
		return z.HostID, nil
	case "fs-allowed":
		return z.FSAllowed, nil
	}
	a, ok := rctl.LookupAlias(name)
	if !ok || a.Resource != "" {
		return "", ErrNoProperty
	}
	limit, set, _ := z.Alias(a)
	if !set {
		return "", nil
	}
	return a.Format(limit), nil
}

// Set sets a property of the zone, or an alias of a resource control, as the command
// set of zonecfg does: after the checks that need nothing but the zone. The error of
// a bad value is an *[Invalid] with zonecfg's text. ErrNoProperty for another name.
// An empty text is a value: it stays in the file. [Zone.Clear] takes a property out.
func (z *Zone) Set(property, value string) error {
	if a, ok := rctl.LookupAlias(property); ok && a.Resource == "" {
		limit, err := z.ParseAlias(a, value)
		if err != nil {
			return err
		}
		return z.SetAlias(a, limit)
	}
	name := attribute(property)
	if name == "" {
		return ErrNoProperty
	}
	value, err := z.checkProperty(property, value)
	if err != nil {
		return err
	}
	d := *z.document()
	if property == "ip-type" && value == string(SharedIP) {
		d.Root = d.Root.Without(name)
	} else {
		d.Root = d.Root.With(name, value)
	}
	z.adopt(&d)
	return nil
}

// Clear takes a property out, or the control that an alias stands for, as the
// command clear of zonecfg does. ErrClearDisallowed for one that every zone has,
// ErrNoProperty for another name.
func (z *Zone) Clear(property string) error {
	switch property {
	case "zonename", "zonepath", "brand":
		return ErrClearDisallowed
	case "autoboot":
		return z.Set(property, "false")
	}
	if a, ok := rctl.LookupAlias(property); ok && a.Resource == "" {
		return z.ClearAlias(a)
	}
	name := attribute(property)
	if name == "" {
		return ErrNoProperty
	}
	d := *z.document()
	d.Root = d.Root.Without(name)
	z.adopt(&d)
	return nil
}
