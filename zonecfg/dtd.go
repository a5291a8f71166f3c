package zonecfg

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gozones/zones/zonecfg/internal/markup"
)

// The document type of a zone's file.
const (
	dtdPublic = "-//Sun Microsystems Inc//DTD Zones//EN"
	dtdSystem = "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1"
)

// declaration is what the DTD says of an element.
type declaration struct {
	element            string
	required, optional []string
	children           []string
}

// dtd is zonecfg.dtd.1. It is no map: that would be filled whenever a program starts.
var dtd = [...]declaration{
	{"zone", []string{"name", "zonepath", "autoboot"},
		[]string{"ip-type", "hostid", "pool", "limitpriv", "bootargs", "brand", "scheduling-class", "fs-allowed", "version"},
		[]string{"filesystem", "inherited-pkg-dir", "network", "device", "deleted-device", "rctl", "attr", "dataset", "package", "patch",
			"dev-perm", "tmp_pool", "pset", "mcap", "admin", "security-flags"}},
	{"filesystem", []string{"special", "directory", "type"}, []string{"raw"}, []string{"fsoption"}},
	{"fsoption", []string{"name"}, nil, nil},
	{"inherited-pkg-dir", []string{"directory"}, nil, nil},
	{"network", []string{"physical"}, []string{"address", "allowed-address", "defrouter"}, nil},
	{"device", []string{"match"}, nil, nil},
	{"deleted-device", []string{"match"}, nil, nil},
	{"rctl", []string{"name"}, nil, []string{"rctl-value"}},
	{"rctl-value", []string{"priv", "limit", "action"}, nil, nil},
	{"attr", []string{"name", "value", "type"}, nil, nil},
	{"dataset", []string{"name"}, nil, nil},
	{"package", []string{"name", "version"}, nil, nil},
	{"patch", []string{"id"}, nil, []string{"obsoletes", "incompatible"}},
	{"obsoletes", []string{"id"}, nil, nil},
	{"incompatible", []string{"id"}, nil, nil},
	{"dev-perm", []string{"name", "uid", "gid", "mode", "acl"}, nil, nil},
	{"tmp_pool", []string{"importance"}, nil, nil},
	{"pset", []string{"ncpu_min", "ncpu_max"}, nil, nil},
	{"mcap", []string{"physcap"}, nil, nil},
	{"admin", []string{"user", "auths"}, nil, nil},
	{"security-flags", nil, []string{"default", "lower", "upper"}, nil},
}

// declared returns what the DTD says of an element; known is false for one that
// isn't in it.
func declared(element string) (rule declaration, known bool) {
	i := slices.IndexFunc(dtd[:], func(d declaration) bool { return d.element == element })
	if i < 0 {
		return rule, false
	}
	return dtd[i], true
}

// tokens returns the values that an attribute may have, nil for any text. Such an
// attribute is a token: blanks around it don't count.
func tokens(element, attr string) []string {
	switch {
	case element == "zone" && attr == "autoboot":
		return []string{"true", "false"}
	case element == "zone" && attr == "version":
		return []string{"1"}
	case element == "attr" && attr == "type":
		return []string{"boolean", "int", "string", "uint"}
	}
	return nil
}

// validate holds a document against the DTD and returns it with its tokens
// trimmed.
func validate(d *markup.Document) (*markup.Document, error) {
	invalid := func(line int, detail string) (*markup.Document, error) {
		return nil, &Error{Code: ErrInvalidDoc, Line: line, Detail: detail}
	}
	t, root := d.Doctype, d.Root
	switch {
	case t == nil:
		return invalid(root.Line, "<"+root.Name+">: there is no DOCTYPE zone before it")
	case t.System != dtdSystem && t.System != strings.TrimPrefix(dtdSystem, "file://"):
		return invalid(t.Line, "the DOCTYPE names "+strconv.Quote(t.System)+", not "+dtdSystem)
	case t.Name != root.Name:
		return invalid(root.Line, "<"+root.Name+"> where the DOCTYPE says <"+t.Name+">")
	}
	if _, known := declared(root.Name); !known {
		return invalid(root.Line, "<"+root.Name+"> is not known")
	}
	valid, err := validElement(root)
	if err != nil {
		return nil, err
	}
	if root.Name != "zone" {
		return nil, &Error{Code: ErrWrongDocType, Line: root.Line, Detail: "the document is a <" + root.Name + ">, not a <zone>"}
	}
	if valid != root {
		o := *d
		o.Root = valid
		d = &o
	}
	return d, nil
}

// validElement checks an element and what is in it.
func validElement(e *markup.Element) (*markup.Element, error) {
	rule, _ := declared(e.Name)
	invalid := func(detail string) (*markup.Element, error) {
		return nil, &Error{Code: ErrInvalidDoc, Line: e.Line, Detail: "<" + e.Name + "> " + detail}
	}
	for _, key := range rule.required {
		if _, ok := e.Get(key); !ok {
			return invalid("without " + key)
		}
	}
	for _, a := range e.Attrs {
		if !slices.Contains(rule.required, a.Name) && !slices.Contains(rule.optional, a.Name) {
			return invalid("has no attribute " + a.Name)
		}
		allowed := tokens(e.Name, a.Name)
		if allowed == nil {
			continue
		}
		token := strings.Join(strings.FieldsFunc(a.Value, func(r rune) bool { return r == ' ' }), " ")
		if !slices.Contains(allowed, token) {
			return invalid(a.Name + " is " + strconv.Quote(a.Value) + ", not " + strings.Join(allowed, ", "))
		}
		if token != a.Value {
			e = e.With(a.Name, token)
		}
	}
	if rule.children == nil && (e.Blank || len(e.Children) > 0) {
		return invalid("is not empty: not even a blank may be in it")
	}
	for i, n := range e.Children {
		c, ok := n.(*markup.Element)
		if !ok {
			continue
		}
		if !slices.Contains(rule.children, c.Name) {
			return nil, &Error{Code: ErrInvalidDoc, Line: c.Line, Detail: "<" + c.Name + "> in <" + e.Name + ">"}
		}
		valid, err := validElement(c)
		if err != nil {
			return nil, err
		}
		if valid != c {
			o := *e
			o.Children = slices.Clone(e.Children)
			o.Children[i] = valid
			e = &o
		}
	}
	return e, nil
}
