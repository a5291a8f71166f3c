package lang

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg"
)

// Info writes all of a zone's configuration, as info does.
func Info(w io.Writer, z *zonecfg.Zone) {
	(&printer{w: w, zone: z, path: z.Zonepath, brand: z.Brand}).all(z.Name == "global")
}

// printer writes a zone, or parts of it, as info does.
type printer struct {
	w     io.Writer
	zone  *zonecfg.Zone
	path  string          // the zonepath as it is shown
	brand string          // the brand as it is shown
	bad   func(err error) // takes why a property can't be shown; nil: it is shown as it is
}

func (p *printer) all(global bool) {
	for _, name := range globalProperties() {
		if !global || !onlyOfZones(name) || name == "zonename" {
			p.setting(name)
		}
	}
	for _, r := range infoOrder {
		if !global || !slices.Contains(notForGlobal, r) && r != "admin" {
			p.resources(r)
		}
	}
}

// infoOrder is the order of resources in info.
var infoOrder = []string{"fs", "net", "device", "dedicated-cpu", "capped-cpu", "capped-memory", "attr", "dataset", "admin", "rctl", "security-flags"}

// setting writes a property of the zone; an alias only if it is there.
func (p *printer) setting(name string) {
	if slices.Contains(zoneAliases, name) {
		a := alias(name)
		if limit, set, _ := p.zone.Alias(a); set {
			fmt.Fprintf(p.w, "[%s: %s]\n", name, a.Format(limit))
		}
		return
	}
	value, _ := p.zone.Property(name)
	switch name {
	case "zonepath":
		value = p.path
	case "brand":
		value = p.brand
	}
	if p.bad != nil {
		switch err := p.unreadable(name, value); {
		case err != nil && name == "brand":
			fmt.Fprintln(p.w, "brand not specified")
			return
		case err != nil:
			p.bad(err)
			return
		}
	}
	fmt.Fprintf(p.w, "%s: %s\n", name, value)
}

// unreadable returns why the system's tools can't read a property.
func (p *printer) unreadable(name, value string) (err error) {
	switch {
	case tooLong(name, value):
		return zonecfg.ErrTooBig
	case name == "hostid":
		_, _, err = p.zone.KernelHostID()
	case name == "fs-allowed":
		_, _, err = p.zone.KernelFSAllowed()
	}
	if code, ok := codeOf(err); ok {
		return code
	}
	return nil
}

// resources writes all of a type.
func (p *printer) resources(name string) {
	z := p.zone
	switch name {
	case "dedicated-cpu":
		if z.DedicatedCPU != nil {
			p.cpu(*z.DedicatedCPU)
		}
	case "capped-cpu":
		p.cappedCPU()
	case "capped-memory":
		_, swap, _ := z.Alias(alias("swap"))
		_, locked, _ := z.Alias(alias("locked"))
		if z.CappedMemory != nil || swap || locked {
			p.memory(z.CappedMemory)
		}
	default:
		for _, r := range resourcesOf(z, name) {
			p.resource(r)
		}
	}
}

func (p *printer) head(name string) { fmt.Fprintf(p.w, "%s:\n", name) }

// line writes a property of a resource.
func (p *printer) line(name, value string) {
	if value == "" {
		fmt.Fprintf(p.w, "\t%s not specified\n", name)
		return
	}
	if strings.Contains(value, " ") {
		value = quote(value)
	}
	fmt.Fprintf(p.w, "\t%s: %s\n", name, value)
}

func (p *printer) resource(r zonecfg.Resource) {
	switch r := r.(type) {
	case zonecfg.FS:
		p.head("fs")
		p.line("dir", r.Dir)
		p.line("special", r.Special)
		p.line("raw", r.Raw)
		p.line("type", r.Type)
		options := make([]string, len(r.Options))
		for i, o := range r.Options {
			if options[i] = o; strings.Contains(o, "=") {
				options[i] = quote(o)
			}
		}
		fmt.Fprintf(p.w, "\toptions: [%s]\n", strings.Join(options, ","))
	case zonecfg.Net:
		p.head("net")
		p.line("address", r.Address)
		p.line("allowed-address", r.AllowedAddress)
		p.line("physical", r.Physical)
		p.line("defrouter", r.Defrouter)
	case zonecfg.Device:
		p.head("device")
		p.line("match", r.Match)
	case zonecfg.Rctl:
		p.head("rctl")
		p.line("name", r.Name)
		for _, v := range r.Values {
			fmt.Fprintf(p.w, "\tvalue: %s\n", v)
		}
	case zonecfg.Attr:
		p.head("attr")
		p.line("name", r.Name)
		p.line("type", r.Type)
		p.line("value", r.Value)
	case zonecfg.Dataset:
		p.head("dataset")
		p.line("name", r.Name)
	case zonecfg.Admin:
		p.head("admin")
		p.line("user", r.User)
		p.line("auths", r.Auths)
	case zonecfg.SecurityFlags:
		p.head("security-flags")
		p.line("default", r.Default)
		p.line("lower", r.Lower)
		p.line("upper", r.Upper)
	}
}

func (p *printer) cpu(c zonecfg.DedicatedCPU) {
	p.head("dedicated-cpu")
	fmt.Fprintf(p.w, "\tncpus: %s\n", c.NCPUs())
	if c.Importance != "" {
		fmt.Fprintf(p.w, "\timportance: %s\n", c.Importance)
	}
}

func (p *printer) cappedCPU() {
	a := alias("ncpus")
	if limit, set, _ := p.zone.Alias(a); set {
		p.head("capped-cpu")
		fmt.Fprintf(p.w, "\t[ncpus: %.2f]\n", float32(limit)/100) // rounded as a float is
	}
}

// memory writes a cap on physical memory, nil for none, with the caps that the zone
// has as resource controls.
func (p *printer) memory(m *zonecfg.CappedMemory) {
	p.head("capped-memory")
	if m != nil {
		p.line("physical", shownSize(m.Physical))
	}
	for _, name := range []string{"swap", "locked"} {
		a := alias(name)
		if limit, set, _ := p.zone.Alias(a); set {
			fmt.Fprintf(p.w, "\t[%s: %s]\n", name, a.Format(limit))
		}
	}
}

// shownSize writes a number of bytes as info does, rounded.
func shownSize(bytes string) string {
	n, err := rctl.ParseCount(bytes)
	if err != nil {
		return bytes
	}
	return rctl.FormatSize(n)
}

// info is the command info.
func (s *Session) info(c *Command) {
	asJSON := long(c, "", jsonOption)
	if !s.load(true) {
		return
	}
	if asJSON {
		s.infoJSON()
		return
	}
	s.paged(func(w io.Writer) {
		p := &printer{w: w, zone: s.zone, path: s.shownPath(s.zone), brand: s.brandOf(s.zone), bad: func(err error) { s.failWith(s.name, err) }}
		switch {
		case s.open != nil:
			p.scope(s.open)
		case s.isGlobal && onlyOfZones(c.Property) && c.Property != "":
			s.say("%s is not a valid property for the global zone.", c.Property)
		case s.isGlobal && slices.Contains(notForGlobal, c.Resource):
			s.say("%s is not a valid resource for the global zone.", c.Resource)
		case c.Property != "":
			p.setting(c.Property)
		case c.Resource == "":
			p.all(s.isGlobal)
		case len(c.Pairs) == 0 || single(c.Resource) || c.Resource == "security-flags":
			p.resources(c.Resource)
		default:
			s.infoMatching(p, c)
		}
	})
}

// infoMatching writes the resources that have the given properties. Only some of
// those are looked at, and what is wrong with them is said for each resource.
func (s *Session) infoMatching(p *printer, c *Command) {
	found := false
	for _, r := range resourcesOf(s.zone, c.Resource) {
		k, err := s.keys(c)
		if err == nil && shows(r, k) {
			p.resource(r)
			found = true
		}
	}
	if !found {
		fmt.Fprintf(s.Out, "No such %s resource.\n", c.Resource)
	}
}

// shows tells whether info shows a resource that it is asked for by properties.
func shows(r zonecfg.Resource, k keys) bool {
	switch r := r.(type) {
	case zonecfg.FS:
		return k.fits("dir", r.Dir) && k.fits("special", r.Special) && k.fits("type", r.Type)
	case zonecfg.Net:
		return k.fits("physical", r.Physical) && fitsAddress(k["address"], r.Address)
	case zonecfg.Device:
		return k.fits("match", r.Match)
	case zonecfg.Rctl:
		return k.fits("name", r.Name)
	case zonecfg.Attr:
		return k.fits("name", r.Name) && k.fits("type", r.Type) && k.fits("value", r.Value)
	case zonecfg.Dataset:
		return k.fits("name", r.Name)
	case zonecfg.Admin:
		return k.fits("user", r.User)
	}
	return false
}

// scope writes the open resource.
func (p *printer) scope(o *scope) {
	switch o.resource {
	case "fs":
		p.resource(o.fs)
	case "net":
		p.resource(o.net)
	case "device":
		p.resource(o.device)
	case "rctl":
		p.resource(o.rctl)
	case "attr":
		p.resource(o.attr)
	case "dataset":
		p.resource(o.dataset)
	case "dedicated-cpu":
		p.cpu(o.cpu)
	case "capped-cpu":
		p.cappedCPU()
	case "capped-memory":
		p.memory(o.memory)
	case "admin":
		p.resource(o.admin)
	case "security-flags":
		p.resource(o.secflags)
	}
}

func (s *Session) infoJSON() {
	z := s.zone.Clone()
	z.Zonepath = s.shownPath(s.zone)
	text, err := json.MarshalIndent(z, "", "  ")
	if err != nil {
		s.failWith(s.name, err)
		return
	}
	s.paged(func(w io.Writer) { fmt.Fprintf(w, "%s\n", text) })
}
