package packaging

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// An element of a manifest: the children that it may have in this order, as a regular
// expression on their names with a blank behind each, and its attributes.
type element struct {
	children           string
	required, optional []string
}

// elements are what the document type service_bundle says of the elements that a manifest
// of ours may use.
var elements = map[string]element{
	"service_bundle": {"(service )*", []string{"type", "name"}, nil},
	"service": {"(create_default_instance )?(single_instance )?(restarter )?(dependency )*(dependent )*(method_context )?" +
		"(exec_method )*(property_group )*(instance )*(stability )?(template )?", []string{"name", "version", "type"}, nil},
	"create_default_instance": {"", []string{"enabled"}, nil},
	"single_instance":         {"", nil, nil},
	"dependency":              {"(service_fmri )*(stability )?(propval |property )*", []string{"name", "grouping", "restart_on", "type"}, []string{"delete"}},
	"service_fmri":            {"", []string{"value"}, nil},
	"exec_method":             {"(method_context )?(stability )?(propval |property )*", []string{"type", "name", "exec", "timeout_seconds"}, []string{"delete"}},
	"property_group":          {"(stability )?(propval |property )*", []string{"name", "type"}, []string{"delete"}},
	"propval":                 {"", []string{"name", "type", "value"}, []string{"override"}},
	"stability":               {"", []string{"value"}, nil},
	"template":                {"common_name (description )?(documentation )?(pg_pattern )*", nil, nil},
	"common_name":             {"(loctext )+", nil, nil},
	"loctext":                 {"", []string{"lang"}, nil},
	"documentation":           {"(doc_link |manpage )*", nil, nil},
	"manpage":                 {"", []string{"title", "section"}, []string{"manpath"}},
}

// values are those that attributes are limited to.
var values = map[string][]string{
	"create_default_instance enabled": {"true", "false"},
	"dependency grouping":             {"require_all", "require_any", "exclude_all", "optional_all"},
	"dependency restart_on":           {"error", "restart", "refresh", "none"},
	"exec_method type":                {"method", "monitor"},
	"service type":                    {"service", "restarter", "milestone"},
	"stability value":                 {"Standard", "Stable", "Evolving", "Unstable", "External", "Obsolete"},
	"propval type": {"count", "integer", "opaque", "host", "hostname", "net_address_v4", "net_address_v6", "time",
		"astring", "ustring", "boolean", "fmri", "uri"},
}

// invalid returns what is wrong with a manifest.
func invalid(text string) (problems []string) {
	type open struct {
		name     string
		children string
	}
	stack := []open{{name: "the document"}}
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return append(problems, err.Error())
		}
		top := &stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			top.children += name + " "
			stack = append(stack, open{name: name})
			known, ok := elements[name]
			if !ok {
				add("unknown element %s", name)
				continue
			}
			given := map[string]bool{}
			for _, a := range token.Attr {
				given[a.Name.Local] = true
				if !slices.Contains(append(known.required, known.optional...), a.Name.Local) {
					add("%s has no attribute %s", name, a.Name.Local)
				}
				if allowed := values[name+" "+a.Name.Local]; allowed != nil && !slices.Contains(allowed, a.Value) {
					add("%s of %s can't be %s", a.Name.Local, name, a.Value)
				}
			}
			for _, want := range known.required {
				if !given[want] {
					add("%s lacks %s", name, want)
				}
			}
		case xml.EndElement:
			if known, ok := elements[top.name]; ok && !regexp.MustCompile("^("+known.children+")$").MatchString(top.children) {
				add("%s can't have these children: %s", top.name, top.children)
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" && top.name != "loctext" {
				add("text in %s", top.name)
			}
		}
	}
	if stack[0].children != "service_bundle " {
		add("the document is %s", stack[0].children)
	}
	return problems
}

// TestManifest: the manifest follows its document type, and doesn't compete with the
// system's own service.
func TestManifest(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Source)
	text, err := os.ReadFile(filepath.Join(testenv.Top(), "dist/smf/zones-go.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if problems := invalid(string(text)); problems != nil {
		t.Errorf("%q", problems)
	}
	var bundle struct {
		Service struct {
			Name     string `xml:"name,attr"`
			Instance struct {
				Enabled string `xml:"enabled,attr"`
			} `xml:"create_default_instance"`
			Dependencies []struct {
				Grouping  string `xml:"grouping,attr"`
				RestartOn string `xml:"restart_on,attr"`
				FMRI      struct {
					Value string `xml:"value,attr"`
				} `xml:"service_fmri"`
			} `xml:"dependency"`
		} `xml:"service"`
	}
	if err := xml.Unmarshal(text, &bundle); err != nil {
		t.Fatal(err)
	}
	if s := bundle.Service; s.Name != "system/zones-go" || s.Instance.Enabled != "false" {
		t.Errorf("service %s, enabled %s", s.Name, s.Instance.Enabled)
	}
	excluded := false
	for _, d := range bundle.Service.Dependencies {
		if d.RestartOn != "none" {
			t.Errorf("the zones are stopped when %s changes", d.FMRI.Value)
		}
		excluded = excluded || d.Grouping == "exclude_all" && d.FMRI.Value == "svc:/system/zones:default"
	}
	if !excluded {
		t.Error("it starts beside the system's own service")
	}
}

// TestInvalid tests that test.
func TestInvalid(t *testing.T) {
	t.Parallel()
	const before, after = `<service_bundle type="manifest" name="x"><service name="x" version="1" type="service">`, `</service></service_bundle>`
	for _, test := range []struct{ name, text, want string }{
		{"nothing wrong", before + `<single_instance/><stability value="Unstable"/>` + after, ""},
		{"the order", before + `<stability value="Unstable"/><single_instance/>` + after, "service can't have these children: stability single_instance "},
		{"an unknown element", before + `<daemon/>` + after, "unknown element daemon"},
		{"an unknown attribute", before + `<single_instance of="x"/>` + after, "single_instance has no attribute of"},
		{"a missing attribute", before + `<stability/>` + after, "stability lacks value"},
		{"a value", before + `<create_default_instance enabled="yes"/>` + after, "enabled of create_default_instance can't be yes"},
		{"text", before + "x" + after, "text in service"},
		{"another document", `<stability value="Unstable"/>`, "the document is stability "},
		{"an end that is missing", before, "XML syntax error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(invalid(test.text), "\n"); !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
