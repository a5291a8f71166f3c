package zonecfg

import (
	"errors"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// Machine is what verifying a configuration asks of the machine. A function that is
// nil isn't asked.
type Machine struct {
	// Brand returns the rules of the zone's brand, ErrBrandUnknown when there is no
	// such brand, another error when it can't be read.
	Brand func(name string) (*BrandRules, error)
	// User tells whether there is a user of that name.
	User func(name string) bool
	// Authorization tells whether there is an authorization of that name.
	Authorization func(name string) bool
}

// BrandRules are what a brand says of the configuration of its zones.
type BrandRules struct {
	Privileges  priv.Lists
	ExclusiveIP bool                // zones may have a network stack of their own
	Verify      func(z *Zone) error // the brand's own hook, nil for none
}

// ErrBrandUnknown is that of a brand that there isn't.
var ErrBrandUnknown = errors.New("unknown brand")

// Finding is one thing that is wrong with a configuration.
type Finding struct {
	Text string // what zonecfg(8) says of it
	// Code is the result that zonecfg's verify has, 0 for a complaint that counts for
	// nothing. Of several findings the first that has one counts, unless a later one
	// overrides it.
	Code Code
	// Overrides: the result is this one, whatever was found before.
	Overrides bool
	// Stop: zonecfg stops looking, and says nothing of its result.
	Stop bool
	// Quiet: zonecfg complains, and its exit status doesn't tell.
	Quiet bool
}

// Failed returns the result of verifying: nil when nothing that counts was found.
func Failed(findings []Finding) error {
	var result Code
	for _, f := range findings {
		if f.Code != 0 && (result == 0 || f.Overrides) {
			result = f.Code
		}
	}
	if result == 0 {
		return nil
	}
	return result
}

// Verify holds a configuration against what zonecfg verifies before it saves one,
// and returns what it finds, in its order. See [Zone.Check] for more.
func (z *Zone) Verify(on Machine) []Finding {
	v := &verifier{zone: z, on: on}
	v.all()
	return v.findings
}

// verifier collects what is found.
type verifier struct {
	zone     *Zone
	on       Machine
	findings []Finding
}

func (v *verifier) say(code Code, text string) {
	v.findings = append(v.findings, Finding{Text: text, Code: code})
}

// overrule is say for a finding that overrides the result of earlier ones.
func (v *verifier) overrule(code Code, text string) {
	v.findings = append(v.findings, Finding{Text: text, Code: code, Overrides: true})
}

func (v *verifier) stop(code Code, text string, quiet bool) {
	v.findings = append(v.findings, Finding{Text: text, Code: code, Stop: true, Quiet: quiet})
}

func (v *verifier) missing(kind string, pairs ...string) {
	for _, err := range missing(kind+": ", pairs...) {
		v.say(ErrNeedProperty, err.Error())
	}
}

func (v *verifier) all() {
	z := v.zone
	if z.Zonepath == "" && z.Name != zone.GlobalName {
		v.say(ErrNeedResource, "zonepath cannot be empty.")
	}
	if !v.properties() {
		return
	}
	for _, f := range z.FS {
		v.missing("fs", "dir", f.Dir, "special", f.Special, "type", f.Type)
	}
	v.nets()
	v.rctls()
	for _, a := range z.Attr {
		v.missing("attr", "name", a.Name, "type", a.Type, "value", a.Value)
	}
	for _, d := range z.Dataset {
		v.missing("dataset", "name", d.Name)
		if d.Name != "" && !validDataset(d.Name) {
			v.say(ErrBadProperty, "dataset: name invalid")
		}
	}
	for _, a := range z.Admin {
		v.missing("admin", "user", a.User, "auths", a.Auths)
		if Failed(v.findings) != nil {
			continue
		}
		problems := a.unknownUser(v.on)
		if len(problems) == 0 {
			problems = a.unknownAuths(z.Name, v.on)
		}
		for _, err := range problems {
			v.say(ErrBadProperty, err.Error())
		}
	}
	if z.SecurityFlags != nil {
		messages, ok := z.SecurityFlags.verify()
		for _, m := range messages {
			if ok {
				v.say(0, m)
			} else {
				v.overrule(ErrBadProperty, m)
			}
		}
	}
}

func (s SecurityFlags) verify() (messages []string, ok bool) { return secflags.Config(s).Verify() }

// properties verifies what ends the verification; it returns false when it has.
func (v *verifier) properties() bool {
	z := v.zone
	if len(z.Brand) >= nameMax {
		v.stop(ErrTooBig, z.Name+": "+ErrTooBig.Error(), false)
		return false
	}
	if v.on.Brand != nil {
		rules, err := v.on.Brand(z.Brand)
		switch {
		case errors.Is(err, ErrBrandUnknown):
			v.say(0, z.Name+": unknown brand.\n")
			v.stop(ErrInvalidDoc, z.Name+": "+ErrInvalidDoc.Error(), false)
			return false
		case err != nil:
			v.stop(ErrBrand, z.Name+": "+err.Error(), false)
			return false
		}
		if rules.Verify != nil && rules.Verify(z) != nil {
			v.stop(ErrBrand, z.Name+": "+ErrBrand.Error(), false)
			return false
		}
		if !v.limitPriv(rules) {
			return false
		}
	}
	if _, _, err := z.KernelHostID(); err != nil {
		v.stop(ErrInvalidProperty, z.Name+": invalid hostid: "+z.HostID, true)
		return false
	}
	if _, _, err := z.KernelFSAllowed(); err != nil {
		v.stop(ErrInvalidProperty, z.Name+": invalid fs-allowed: "+z.FSAllowed, true)
		return false
	}
	return true
}

func (v *verifier) limitPriv(rules *BrandRules) bool {
	z := v.zone
	if z.IPType != "" && z.IPType != SharedIP && z.IPType != ExclusiveIP {
		v.overrule(ErrNeedResource, "cannot get ip-type")
	}
	_, err := z.Privileges(&rules.Privileges)
	var limit *priv.LimitError
	if errors.As(err, &limit) {
		v.stop(Code(limit.Problem), z.Name+": invalid privilege: "+limit.Privilege, true)
		return false
	}
	return true
}

func (v *verifier) nets() {
	z := v.zone
	t := SharedIP
	if z.Exclusive() {
		t = ExclusiveIP
	}
	for _, n := range z.Net {
		v.missing("net", "physical", n.Physical)
		if err := CheckPhysical(n.Physical, t); err != nil {
			v.say(ErrInvalid, err.Error())
		}
		switch {
		case t == ExclusiveIP && n.Address != "":
			v.say(ErrInvalid, "net: address cannot be specified for an exclusive IP type")
		case t == SharedIP:
			v.missing("net", "address", n.Address)
			if n.AllowedAddress != "" {
				v.say(ErrInvalid, "net: allowed-address cannot be specified for a shared IP type")
			}
		}
	}
	if t == ExclusiveIP {
		v.routers()
	}
}

// routers looks for links of an exclusive zone that have a default router and no
// address; the link that came last is named first.
func (v *verifier) routers() {
	type link struct {
		name              string
		allowed, defroute bool
	}
	var links []*link
	for _, n := range v.zone.Net {
		if n.Address != "" {
			continue
		}
		i := slices.IndexFunc(links, func(l *link) bool { return l.name == n.Physical })
		if i < 0 {
			i, links = 0, append([]*link{{name: n.Physical}}, links...)
		}
		links[i].allowed = links[i].allowed || n.AllowedAddress != ""
		links[i].defroute = links[i].defroute || n.Defrouter != ""
	}
	for _, l := range links {
		if l.defroute && !l.allowed {
			v.overrule(ErrInvalid, "net: defrouter for "+l.name+" cannot be specified without allowed-address for an exclusive IP type")
		}
	}
}

// schedClassSize is the system's room for the name of a scheduling class. A longer one it
// can't read, and so doesn't compare.
const schedClassSize = 256

func (v *verifier) rctls() {
	z := v.zone
	shares, cpuCap := false, false
	for _, r := range z.Rctl {
		v.missing("rctl", "name", r.Name)
		shares, cpuCap = shares || r.Name == "zone.cpu-shares", cpuCap || r.Name == "zone.cpu-cap"
		if len(r.Values) == 0 {
			v.say(ErrNeedProperty, "rctl: no value specified")
		}
	}
	if z.DedicatedCPU != nil && shares {
		v.say(ErrIncompatible, "rctl zone.cpu-shares and dedicated-cpu are incompatible.")
	}
	if shares && z.SchedClass != "" && z.SchedClass != "FSS" && len(z.SchedClass) < schedClassSize {
		v.say(ErrIncompatible, "WARNING: rctl zone.cpu-shares and scheduling-class="+z.SchedClass+" are incompatible")
	}
	if z.DedicatedCPU != nil && cpuCap {
		v.say(ErrIncompatible, "rctl zone.cpu-cap and the dedicated-cpu are incompatible.")
	}
}

// validDataset checks the syntax of the name of a ZFS file system.
func validDataset(name string) bool {
	if len(name) >= nameMax {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" {
			return false
		}
		for i := range len(part) {
			if !alnum(part[i]) && strings.IndexByte("-_.: %", part[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// Check returns everything that zonecfg's commands would refuse in a configuration:
// it is for those that don't come through them. The findings of Verify come first,
// then those of each property and resource; nothing stops.
func (z *Zone) Check(on Machine) []Finding {
	v := &verifier{zone: z, on: on}
	v.all()
	add := func(prefix string, err error) {
		if err == nil {
			return
		}
		code := ErrInvalid
		errors.As(err, &code)
		text := prefix + err.Error()
		if !slices.ContainsFunc(v.findings, func(f Finding) bool { return f.Text == text }) {
			v.say(code, text)
		}
	}
	v.values(add)
	v.resources(add)
	return v.findings
}

// values checks the properties as set does.
func (v *verifier) values(add func(prefix string, err error)) {
	z := v.zone
	if z.Name != zone.GlobalName {
		_, err := z.checkProperty("zonename", z.Name)
		add("", err)
		if z.Zonepath != "" {
			_, err = CleanZonepath(z.Zonepath)
			add("", err)
		}
	}
	if z.Pool != "" {
		_, err := z.checkProperty("pool", z.Pool)
		add("", err)
	}
	if z.HostID != "" {
		_, err := z.checkProperty("hostid", z.HostID)
		add("", err)
	}
	for _, p := range []struct {
		name, value string
		room        int
	}{{"bootargs", z.BootArgs, 256}, {"pool", z.Pool, 256}, {"scheduling-class", z.SchedClass, 256}, {"brand", z.Brand, 256}, {"zonepath", z.Zonepath, pathMax}, {"fs-allowed", z.FSAllowed, fsMax}} {
		if len(p.value) >= p.room {
			add(p.name+": ", ErrTooBig)
		}
	}
	if v.on.Brand != nil && z.Exclusive() {
		if rules, err := v.on.Brand(z.Brand); err == nil && !rules.ExclusiveIP {
			add("", &Invalid{ErrInvalid, "ip-type", "ip-type cannot be 'exclusive' when brand is '" + z.Brand + "'."})
		}
	}
}

// resources checks the resources as their end does, each against those before it.
func (v *verifier) resources(add func(prefix string, err error)) {
	z := v.zone
	before := &Zone{Name: z.Name, IPType: z.IPType}
	each := func(kind string, r Resource, problems []error, more ...error) {
		for _, err := range append(problems, more...) {
			add(kind+": ", err)
		}
		add("", before.CheckDuplicate(r))
	}
	for _, f := range z.FS {
		each("fs", f, f.Check(), CheckFSType(f.Type))
		before.FS = append(before.FS, f)
	}
	for _, n := range z.Net {
		var more []error
		for _, a := range []string{n.Address, n.AllowedAddress} {
			if a != "" {
				more = append(more, CheckAddress(a))
			}
		}
		if n.Defrouter != "" {
			_, err := CheckRouter(n.Defrouter)
			more = append(more, err)
		}
		each("net", n, n.Check(), more...)
		before.Net = append(before.Net, n)
	}
	for _, d := range z.Device {
		each("device", d, d.Check())
		before.Device = append(before.Device, d)
	}
	for _, r := range z.Rctl {
		more := []error{CheckRctlName(r.Name)}
		for _, value := range r.Values {
			more = append(more, CheckRctlValue(value))
		}
		each("rctl", r, r.Check(), more...)
		before.Rctl = append(before.Rctl, r)
	}
	for _, a := range z.Attr {
		each("attr", a, a.Check())
		before.Attr = append(before.Attr, a)
	}
	for _, d := range z.Dataset {
		each("dataset", d, d.Check())
		before.Dataset = append(before.Dataset, d)
	}
	for _, a := range z.Admin {
		each("admin", a, a.Check(z.Name, v.on))
		before.Admin = append(before.Admin, a)
	}
	if c := z.DedicatedCPU; c != nil {
		_, err := ParseNCPUs(c.Min + "-" + c.Max)
		each("dedicated-cpu", *c, c.Check(), err)
		if c.Importance != "" {
			add("dedicated-cpu: ", CheckImportance(c.Importance))
		}
	}
	if m := z.CappedMemory; m != nil {
		_, err := ParsePhysical(m.Physical)
		each("capped-memory", *m, nil, err, z.CheckMemory(m))
	}
}
