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
func Info(w io.Writer, z *zonecfg.Zone) { (&printer{w: w, zone: z, path: z.Zonepath}).all() }

// printer writes a zone, or parts of it, as info does.
type printer struct {
	w    io.Writer
	zone *zonecfg.Zone
	path string // the zonepath as it is shown
}

func (p *printer) all() {
	for _, name := range globalProperties() {
		if p.zone.Name != "global" || !onlyOfZones(name) || name == "zonename" {
			p.setting(name)
		}
	}
	for _, r := range infoOrder {
		if p.zone.Name != "global" || !slices.Contains(notForGlobal, r) && r != "admin" {
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
	if name == "zonepath" {
		value = p.path
	}
	fmt.Fprintf(p.w, "%s: %s\n", name, value)
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
		fmt.Fprintf(p.w, "\t[ncpus: %s]\n", a.Format(limit))
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
	asJSON := long(c, jsonOption)
	if _, ok := s.options(c, ""); !ok || !s.load(true) {
		return
	}
	if asJSON {
		s.infoJSON()
		return
	}
	s.paged(func(w io.Writer) {
		p := &printer{w: w, zone: s.zone, path: s.shownPath(s.zone)}
		switch {
		case s.open != nil:
			p.scope(s.open)
		case s.global() && onlyOfZones(c.Property) && c.Property != "":
			s.say("%s is not a valid property for the global zone.", c.Property)
		case s.global() && slices.Contains(notForGlobal, c.Resource):
			s.say("%s is not a valid resource for the global zone.", c.Resource)
		case c.Property != "":
			p.setting(c.Property)
		case c.Resource == "":
			p.all()
		case len(c.Pairs) == 0 || single(c.Resource):
			p.resources(c.Resource)
		default:
			s.infoMatching(p, c)
		}
	})
}

// infoMatching writes the resources that have the given properties. Only some of
// those are looked at, as there.
func (s *Session) infoMatching(p *printer, c *Command) {
	found := false
	for _, r := range resourcesOf(s.zone, c.Resource) {
		keys, err := s.keys(c)
		if err != nil {
			continue
		}
		for _, ignored := range []string{"raw", "allowed-address", "defrouter"} {
			delete(keys, ignored)
		}
		if f, ok := r.(zonecfg.FS); ok && keys["dir"] != "" && keys["dir"] != f.Dir {
			continue
		}
		if _, flags := r.(zonecfg.SecurityFlags); flags || matches(r, keys) {
			p.resource(r)
			found = true
		}
	}
	if !found {
		fmt.Fprintf(s.Out, "No such %s resource.\n", c.Resource)
	}
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
