package zonecfg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// element is what the DTD says of an element.
type element struct {
	required, optional []string
	children           []string
}

// dtd is zonecfg.dtd.1.
var dtd = map[string]element{
	"zone": {[]string{"name", "zonepath", "autoboot"},
		[]string{"ip-type", "hostid", "pool", "limitpriv", "bootargs", "brand", "scheduling-class", "fs-allowed", "version"},
		[]string{"filesystem", "inherited-pkg-dir", "network", "device", "deleted-device", "rctl", "attr", "dataset", "package", "patch",
			"dev-perm", "tmp_pool", "pset", "mcap", "admin", "security-flags"}},
	"filesystem":        {[]string{"special", "directory", "type"}, []string{"raw"}, []string{"fsoption"}},
	"fsoption":          {[]string{"name"}, nil, nil},
	"inherited-pkg-dir": {[]string{"directory"}, nil, nil},
	"network":           {[]string{"physical"}, []string{"address", "allowed-address", "defrouter"}, nil},
	"device":            {[]string{"match"}, nil, nil},
	"deleted-device":    {[]string{"match"}, nil, nil},
	"rctl":              {[]string{"name"}, nil, []string{"rctl-value"}},
	"rctl-value":        {[]string{"priv", "limit", "action"}, nil, nil},
	"attr":              {[]string{"name", "value", "type"}, nil, nil},
	"dataset":           {[]string{"name"}, nil, nil},
	"package":           {[]string{"name", "version"}, nil, nil},
	"patch":             {[]string{"id"}, nil, []string{"obsoletes", "incompatible"}},
	"obsoletes":         {[]string{"id"}, nil, nil},
	"incompatible":      {[]string{"id"}, nil, nil},
	"dev-perm":          {[]string{"name", "uid", "gid", "mode", "acl"}, nil, nil},
	"tmp_pool":          {[]string{"importance"}, nil, nil},
	"pset":              {[]string{"ncpu_min", "ncpu_max"}, nil, nil},
	"mcap":              {[]string{"physcap"}, nil, nil},
	"admin":             {[]string{"user", "auths"}, nil, nil},
	"security-flags":    {nil, []string{"default", "lower", "upper"}, nil},
}

// enumerations of attributes by "element attribute".
var enumerations = map[string][]string{
	"zone autoboot": {"true", "false"},
	"zone version":  {"1"},
	"attr type":     {"boolean", "int", "string", "uint"},
}

func contains(list []string, s string) bool {
	for _, o := range list {
		if o == s {
			return true
		}
	}
	return false
}

// Load reads a zone's XML file: ErrNoZone when there is none, ErrInvalidDoc with
// file and line when it isn't what the DTD asks for.
func (s *Store) Load(name string) (*Zone, error) {
	path := s.folder() + "/" + name + ".xml"
	if strings.Contains(name, "/") {
		return nil, ErrNoZone
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoZone
	}
	if err != nil {
		return nil, &Error{Code: ErrInvalidDoc, File: path, Detail: err.Error()}
	}
	z, err := ParseXML(text)
	var e *Error
	if errors.As(err, &e) {
		e.File = path
	}
	if err != nil {
		return nil, err
	}
	z.Zonepath = s.root + z.Zonepath
	return z, nil
}

// ParseXML reads and validates a configuration.
func ParseXML(text []byte) (*Zone, error) {
	p := &xmlReader{decoder: xml.NewDecoder(bytes.NewReader(text)), zone: &Zone{IPType: SharedIP}}
	// Documents declare ISO encodings at most in their head; all that is allowed
	// beyond ASCII in values is passed through.
	p.decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := p.read(); err != nil {
		return nil, err
	}
	return p.zone, nil
}

// xmlReader goes through a document once, holding it against the DTD.
type xmlReader struct {
	decoder *xml.Decoder
	zone    *Zone
	path    []string // open elements
	doctype bool
	seen    bool // the root element
	pool    string
}

func (p *xmlReader) fail(code Code, detail string) error {
	line, _ := p.decoder.InputPos()
	return &Error{Code: code, Line: line, Detail: detail}
}

func (p *xmlReader) read() error {
	for {
		token, err := p.decoder.Token()
		if err == io.EOF {
			if !p.seen {
				return p.fail(ErrEmptyDocument, "no element")
			}
			if p.pool != "" && p.zone.DedicatedCPU != nil {
				p.zone.DedicatedCPU.Importance = p.pool
			}
			return nil
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				return p.fail(ErrInvalidDoc, syntax.Msg)
			}
			return p.fail(ErrInvalidDoc, err.Error())
		}
		switch token := token.(type) {
		case xml.Directive:
			p.doctype = p.doctype || strings.HasPrefix(string(token), "DOCTYPE zone")
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				return p.fail(ErrInvalidDoc, "text where only elements may stand")
			}
		case xml.StartElement:
			if err := p.open(token); err != nil {
				return err
			}
		case xml.EndElement:
			p.path = p.path[:len(p.path)-1]
		}
	}
}

// open checks an element and takes it into the zone.
func (p *xmlReader) open(start xml.StartElement) error {
	name := start.Name.Local
	if len(p.path) == 0 {
		if name != "zone" {
			return p.fail(ErrWrongDocType, "the document is a <"+name+">, not a <zone>")
		}
		if p.seen {
			return p.fail(ErrInvalidDoc, "a second document begins")
		}
		if !p.doctype {
			return p.fail(ErrInvalidDoc, "no DOCTYPE zone")
		}
		p.seen = true
	} else if parent := p.path[len(p.path)-1]; !contains(dtd[parent].children, name) {
		return p.fail(ErrInvalidDoc, "<"+name+"> in <"+parent+">")
	}
	rule := dtd[name]
	attrs := make(map[string]string, len(start.Attr))
	for _, a := range start.Attr {
		key := a.Name.Local
		if !contains(rule.required, key) && !contains(rule.optional, key) {
			return p.fail(ErrInvalidDoc, "<"+name+"> has no attribute "+key)
		}
		if _, twice := attrs[key]; twice {
			return p.fail(ErrInvalidDoc, "<"+name+"> has "+key+" twice")
		}
		if allowed, ok := enumerations[name+" "+key]; ok && !contains(allowed, a.Value) {
			return p.fail(ErrInvalidDoc, "<"+name+"> "+key+" is "+strconv.Quote(a.Value)+", not one of "+strings.Join(allowed, ", "))
		}
		attrs[key] = a.Value
	}
	for _, key := range rule.required {
		if _, ok := attrs[key]; !ok {
			return p.fail(ErrInvalidDoc, "<"+name+"> without "+key)
		}
	}
	p.path = append(p.path, name)
	return p.take(name, attrs)
}

// take puts an element into the zone. Of what may be there once the first counts.
func (p *xmlReader) take(name string, a map[string]string) error {
	z := p.zone
	switch name {
	case "zone":
		z.Name, z.Zonepath, z.Autoboot = a["name"], a["zonepath"], a["autoboot"] == "true"
		z.HostID, z.Pool, z.LimitPriv, z.BootArgs = a["hostid"], a["pool"], a["limitpriv"], a["bootargs"]
		z.Brand, z.SchedClass, z.FSAllowed = a["brand"], a["scheduling-class"], a["fs-allowed"]
		switch t := a["ip-type"]; t {
		case "", string(SharedIP):
		case string(ExclusiveIP):
			z.IPType = ExclusiveIP
		default:
			return p.fail(ErrInvalid, "ip-type is "+strconv.Quote(t))
		}
	case "filesystem":
		z.FS = append(z.FS, FS{Special: a["special"], Raw: a["raw"], Dir: a["directory"], Type: a["type"]})
	case "fsoption":
		last := &z.FS[len(z.FS)-1]
		last.Options = append(last.Options, a["name"])
	case "network":
		z.Net = append(z.Net, Net{a["address"], a["allowed-address"], a["physical"], a["defrouter"]})
	case "device":
		z.Device = append(z.Device, a["match"])
	case "rctl":
		z.Rctl = append(z.Rctl, Rctl{Name: a["name"]})
	case "rctl-value":
		last := &z.Rctl[len(z.Rctl)-1]
		last.Values = append(last.Values, RctlValue{a["priv"], a["limit"], a["action"]})
	case "attr":
		z.Attr = append(z.Attr, Attr{a["name"], a["type"], a["value"]})
	case "dataset":
		z.Dataset = append(z.Dataset, a["name"])
	case "pset":
		if z.DedicatedCPU == nil {
			z.DedicatedCPU = &DedicatedCPU{Min: a["ncpu_min"], Max: a["ncpu_max"]}
		}
	case "tmp_pool":
		p.pool = a["importance"]
	case "mcap":
		if z.CappedMemory == nil {
			n, err := strconv.ParseUint(a["physcap"], 10, 64)
			if err != nil {
				return p.fail(ErrInvalidDoc, "physcap "+strconv.Quote(a["physcap"])+" is no number of bytes")
			}
			z.CappedMemory = &n
		}
	case "admin":
		z.Admin = append(z.Admin, Admin{a["user"], a["auths"]})
	case "security-flags":
		if z.SecurityFlags == nil {
			z.SecurityFlags = &SecurityFlags{a["default"], a["lower"], a["upper"]}
		}
	}
	return nil
}
