package zonecfg

import "github.com/gozones/zones/zonecfg/internal/markup"

// leaf makes an element without children; attributes whose name ends in ? are left
// out when they are empty.
func leaf(name string, attrs ...string) *markup.Element {
	e := &markup.Element{Name: name}
	for i := 0; i < len(attrs); i += 2 {
		key, value := attrs[i], attrs[i+1]
		if n := len(key) - 1; key[n] == '?' {
			if value == "" {
				continue
			}
			key = key[:n]
		}
		e.Attrs = append(e.Attrs, markup.Attr{Name: key, Value: value})
	}
	return e
}

func (f FS) element() *markup.Element {
	e := leaf("filesystem", "special", f.Special, "raw?", f.Raw, "directory", f.Dir, "type", f.Type)
	for _, o := range f.Options {
		e.Children = append(e.Children, leaf("fsoption", "name", o))
	}
	return e
}

func (n Net) element() *markup.Element {
	return leaf("network", "address?", n.Address, "allowed-address?", n.AllowedAddress, "physical", n.Physical, "defrouter?", n.Defrouter)
}

func (d Device) element() *markup.Element { return leaf("device", "match", d.Match) }

func (r Rctl) element() *markup.Element {
	e := leaf("rctl", "name", r.Name)
	for _, v := range r.Values {
		e.Children = append(e.Children, leaf("rctl-value", "priv", v.Priv, "limit", v.Limit, "action", v.Action))
	}
	return e
}

func (a Attr) element() *markup.Element {
	return leaf("attr", "name", a.Name, "type", a.Type, "value", a.Value)
}

func (d Dataset) element() *markup.Element { return leaf("dataset", "name", d.Name) }

func (c DedicatedCPU) element() *markup.Element {
	return leaf("pset", "ncpu_min", c.Min, "ncpu_max", c.Max)
}

func (m CappedMemory) element() *markup.Element { return leaf("mcap", "physcap", m.Physical) }

func (a Admin) element() *markup.Element { return leaf("admin", "user", a.User, "auths", a.Auths) }

func (s SecurityFlags) element() *markup.Element {
	return leaf("security-flags", "default", s.Default, "lower", s.Lower, "upper", s.Upper)
}

func (d InheritedPkgDir) element() *markup.Element {
	return leaf("inherited-pkg-dir", "directory", d.Dir)
}

func (d DeletedDevice) element() *markup.Element { return leaf("deleted-device", "match", d.Match) }

func (p Package) element() *markup.Element {
	return leaf("package", "name", p.Name, "version", p.Version)
}

func (p Patch) element() *markup.Element {
	e := leaf("patch", "id", p.ID)
	for _, id := range p.Obsoletes {
		e.Children = append(e.Children, leaf("obsoletes", "id", id))
	}
	for _, id := range p.Incompatible {
		e.Children = append(e.Children, leaf("incompatible", "id", id))
	}
	return e
}

func (d DevPerm) element() *markup.Element {
	return leaf("dev-perm", "name", d.Name, "uid", d.UID, "gid", d.GID, "mode", d.Mode, "acl", d.ACL)
}

// elements returns what stands for a resource in the file, which is two elements for
// a dedicated-cpu with an importance.
func elements(r Resource) []markup.Node {
	list := []markup.Node{r.element()}
	var importance string
	switch c := r.(type) {
	case DedicatedCPU:
		importance = c.Importance
	case *DedicatedCPU:
		importance = c.Importance
	}
	if importance != "" {
		list = append(list, leaf("tmp_pool", "importance", importance))
	}
	return list
}

// ids returns the ids of the children of a name.
func ids(e *markup.Element, name string) []string {
	var list []string
	for _, c := range e.Elements() {
		if c.Name == name {
			list = append(list, c.Value("id"))
		}
	}
	return list
}

// read takes a valid zone element into the fields. Of what may be there once the
// first counts, of several importances the last.
func (z *Zone) read(root *markup.Element) {
	*z = Zone{layout: z.layout}
	for _, a := range root.Attrs {
		switch v := a.Value; a.Name {
		case "name":
			z.Name = v
		case "zonepath":
			z.Zonepath = v
		case "autoboot":
			z.Autoboot = v == "true"
		case "brand":
			z.Brand = v
		case "bootargs":
			z.BootArgs = v
		case "pool":
			z.Pool = v
		case "limitpriv":
			z.LimitPriv = v
		case "scheduling-class":
			z.SchedClass = v
		case "ip-type":
			z.IPType = IPType(v)
		case "hostid":
			z.HostID = v
		case "fs-allowed":
			z.FSAllowed = v
		}
	}
	if z.IPType == "" {
		z.IPType = SharedIP
	}
	importance := ""
	for _, n := range root.Children {
		e, ok := n.(*markup.Element)
		if !ok {
			continue
		}
		get := e.Value
		switch e.Name {
		case "filesystem":
			f := FS{Special: get("special"), Raw: get("raw"), Dir: get("directory"), Type: get("type")}
			for _, o := range e.Elements() {
				f.Options = append(f.Options, o.Value("name"))
			}
			z.FS = append(z.FS, f)
		case "network":
			z.Net = append(z.Net, Net{get("address"), get("allowed-address"), get("physical"), get("defrouter")})
		case "device":
			z.Device = append(z.Device, Device{get("match")})
		case "rctl":
			r := Rctl{Name: get("name")}
			for _, v := range e.Elements() {
				r.Values = append(r.Values, RctlValue{Priv: v.Value("priv"), Limit: v.Value("limit"), Action: v.Value("action")})
			}
			z.Rctl = append(z.Rctl, r)
		case "attr":
			z.Attr = append(z.Attr, Attr{get("name"), get("type"), get("value")})
		case "dataset":
			z.Dataset = append(z.Dataset, Dataset{get("name")})
		case "pset":
			if z.DedicatedCPU == nil {
				z.DedicatedCPU = &DedicatedCPU{Min: get("ncpu_min"), Max: get("ncpu_max")}
			}
		case "tmp_pool":
			importance = get("importance")
		case "mcap":
			if z.CappedMemory == nil {
				z.CappedMemory = &CappedMemory{get("physcap")}
			}
		case "admin":
			z.Admin = append(z.Admin, Admin{get("user"), get("auths")})
		case "security-flags":
			if z.SecurityFlags == nil {
				z.SecurityFlags = &SecurityFlags{Default: get("default"), Lower: get("lower"), Upper: get("upper")}
			}
		case "inherited-pkg-dir":
			z.InheritedPkgDir = append(z.InheritedPkgDir, InheritedPkgDir{get("directory")})
		case "deleted-device":
			z.DeletedDevice = append(z.DeletedDevice, DeletedDevice{get("match")})
		case "package":
			z.Package = append(z.Package, Package{get("name"), get("version")})
		case "patch":
			z.Patch = append(z.Patch, Patch{get("id"), ids(e, "obsoletes"), ids(e, "incompatible")})
		case "dev-perm":
			z.DevPerm = append(z.DevPerm, DevPerm{get("name"), get("uid"), get("gid"), get("mode"), get("acl")})
		}
	}
	if z.DedicatedCPU != nil {
		z.DedicatedCPU.Importance = importance
	}
}
