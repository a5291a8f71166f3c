package lang

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Export writes the commands that make a zone's configuration, as export does with
// --exact: any zonecfg reads them back to the same configuration, but for what the
// language has no word for (see [Sayable]).
func Export(w io.Writer, z *zonecfg.Zone) {
	e := &exporter{w: w, zone: z, path: z.Zonepath, brand: z.Brand, exact: true}
	e.all()
}

// Sayable returns an error if a part of a configuration can't be written in the language:
// values with quotes or line ends, values that are too long for a word, and the parts that
// only detached zones and old configurations have.
func Sayable(z *zonecfg.Zone) error { return unsayable(z, true) }

// unsayable is Sayable. Without exact, values that are too long aren't errors: the system's
// own export writes them without a warning.
func unsayable(z *zonecfg.Zone, exact bool) error {
	var problem error
	check := func(values ...string) {
		for _, v := range values {
			switch {
			case problem != nil:
			case !sayable(v):
				problem = fmt.Errorf("zone %s: %q has a quote or a line end, which zonecfg has no way to write", z.Name, v)
			case exact && len(asWord(v)) >= wordMax:
				problem = fmt.Errorf("zone %s: %q is longer than the %d bytes that zonecfg can read", z.Name, v, wordMax-1)
			}
		}
	}
	check(z.Brand, z.Zonepath, z.BootArgs, z.Pool, z.LimitPriv, z.SchedClass, z.HostID, z.FSAllowed)
	for _, r := range z.FS {
		check(r.Dir, r.Special, r.Raw, r.Type)
		check(r.Options...)
	}
	for _, r := range z.Net {
		check(r.Address, r.AllowedAddress, r.Physical, r.Defrouter)
	}
	for _, r := range z.Device {
		check(r.Match)
	}
	for _, r := range z.Attr {
		check(r.Name, r.Type, r.Value)
	}
	for _, r := range z.Dataset {
		check(r.Name)
	}
	for _, r := range z.Admin {
		check(r.User, r.Auths)
	}
	if f := z.SecurityFlags; f != nil {
		check(f.Default, f.Lower, f.Upper)
	}
	if problem != nil {
		return problem
	}
	if len(z.InheritedPkgDir)+len(z.DeletedDevice)+len(z.Package)+len(z.Patch)+len(z.DevPerm) > 0 {
		return fmt.Errorf("zone %s: what is left of an old configuration or of a detached zone can't be exported", z.Name)
	}
	return nil
}

// exporter writes a zone as commands.
type exporter struct {
	w     io.Writer
	zone  *zonecfg.Zone
	path  string // the zonepath as the user knows it
	brand string // "": left to the template
	exact bool
}

func (e *exporter) all() {
	z := e.zone
	fmt.Fprintln(e.w, "create -b")
	e.setting("zonepath", e.path)
	if e.exact && e.brand == "" {
		fmt.Fprintln(e.w, `set brand=""`) // the default template's, whatever the blank one's is
	}
	e.setting("brand", e.brand)
	e.setting("autoboot", strconv.FormatBool(z.Autoboot))
	e.setting("bootargs", z.BootArgs)
	e.setting("pool", z.Pool)
	e.setting("limitpriv", z.LimitPriv)
	e.setting("scheduling-class", z.SchedClass)
	ipType := zonecfg.SharedIP
	if z.Exclusive() {
		ipType = zonecfg.ExclusiveIP
	}
	e.setting("ip-type", string(ipType))
	if _, set, err := z.KernelHostID(); set && err == nil {
		e.setting("hostid", z.HostID)
	}
	if _, _, err := z.KernelFSAllowed(); err == nil {
		e.setting("fs-allowed", z.FSAllowed)
	}
	for _, r := range z.FS {
		e.begin("fs")
		e.text("dir", r.Dir)
		e.text("special", r.Special)
		e.text("raw", r.Raw)
		e.text("type", r.Type)
		for _, o := range r.Options {
			e.option(o)
		}
		e.end()
	}
	for _, r := range z.Net {
		e.begin("net")
		e.text("address", r.Address)
		e.text("allowed-address", r.AllowedAddress)
		e.text("physical", r.Physical)
		e.text("defrouter", r.Defrouter)
		e.end()
	}
	for _, r := range z.Device {
		e.begin("device")
		e.text("match", r.Match)
		e.end()
	}
	e.memory()
	for _, r := range z.Rctl {
		e.begin("rctl")
		e.text("name", r.Name)
		for _, v := range r.Values {
			fmt.Fprintf(e.w, "add value %s\n", v)
		}
		e.end()
	}
	for _, r := range z.Attr {
		e.begin("attr")
		e.text("name", r.Name)
		e.text("type", r.Type)
		e.text("value", r.Value)
		e.end()
	}
	for _, r := range z.Dataset {
		e.begin("dataset")
		e.text("name", r.Name)
		e.end()
	}
	if c := z.DedicatedCPU; c != nil {
		e.begin("dedicated-cpu")
		fmt.Fprintf(e.w, "set ncpus=%s\n", c.NCPUs())
		if c.Importance != "" {
			fmt.Fprintf(e.w, "set importance=%s\n", c.Importance)
		}
		e.end()
	}
	for _, r := range z.Admin {
		e.begin("admin")
		e.text("user", r.User)
		e.text("auths", r.Auths)
		e.end()
	}
	if f := z.SecurityFlags; f != nil {
		e.begin("security-flags")
		e.text("default", f.Default)
		e.text("lower", f.Lower)
		e.text("upper", f.Upper)
		e.end()
	}
}

func (e *exporter) begin(resource string) { fmt.Fprintf(e.w, "add %s\n", resource) }

func (e *exporter) end() { fmt.Fprintln(e.w, "end") }

// setting writes a property of the zone, unless it is empty.
func (e *exporter) setting(name, value string) {
	if value == "" || !e.exact && tooLong(name, value) || e.exact && e.zone.Name == zone.GlobalName && onlyOfZones(name) {
		return
	}
	if e.exact {
		value = asWord(value)
	} else {
		value = asWritten(value)
	}
	fmt.Fprintf(e.w, "set %s=%s\n", name, value)
}

// option writes an option of a file system.
func (e *exporter) option(o string) {
	switch {
	case e.exact:
		o = asWord(o)
	case strings.Contains(o, "="):
		o = quote(o)
	default:
		o = asWritten(o)
	}
	fmt.Fprintf(e.w, "add options %s\n", o)
}

// text writes a property of a resource, unless it is empty.
func (e *exporter) text(name, value string) {
	if value == "" {
		return
	}
	if e.exact && len(quote(value)) >= wordMax {
		value = asWord(value)
	} else {
		value = quote(value)
	}
	fmt.Fprintf(e.w, "set %s=%s\n", name, value)
}

// memory writes the cap on physical memory: the others are resource controls.
func (e *exporter) memory() {
	m := e.zone.CappedMemory
	if m == nil {
		return
	}
	size := m.Physical
	if !e.exact {
		size = shownSize(size)
	}
	e.begin("capped-memory")
	fmt.Fprintf(e.w, "set physical=%s\n", size)
	e.end()
}

// export is the command export. The file is made whether or not there is a
// configuration. The brand is that of the zone on disk.
func (s *Session) export(c *Command) {
	exact := long(c, "f:", exactOption)
	options, ok := s.only(c, "?f:")
	if !ok {
		return
	}
	path := ""
	if len(options) > 0 {
		path = cutTo(options[len(options)-1].Argument, pathSize)
	}
	out := s.Out
	if path != "" {
		file, err := s.disk.write(path)
		if err != nil {
			s.say("opening file %s: %s", path, errorText(err))
			return
		}
		defer func() {
			if err := file.Close(); err != nil {
				s.failWith(path, err)
			}
		}()
		out = file
	}
	if !s.load(true) {
		return
	}
	e := &exporter{w: out, zone: s.zone, path: s.shownPath(s.zone), exact: exact}
	if exact {
		e.brand = s.zone.Brand
	} else {
		e.brand = s.savedBrand()
	}
	e.all()
	if err := unsayable(s.zone, exact); err != nil {
		s.say("Warning: %s", err)
	}
}

// savedBrand returns the brand that export writes: that of the zone on disk, "" for
// none and for native.
func (s *Session) savedBrand() string {
	saved := new(zonecfg.Zone) // the global zone has the default brand
	if !s.isGlobal {
		var err error
		if saved, err = s.Store.Load(s.name); err != nil {
			return ""
		}
	}
	if brand := s.brandOf(saved); brand != "native" && !tooLong("brand", brand) {
		return brand
	}
	return ""
}
