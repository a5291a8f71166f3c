package zonecfg_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/internal/zonetest"
)

func ExampleReadJSON() {
	z, err := zonecfg.ReadJSON([]byte(`{
  "zonename": "web", "zonepath": "/zones/web", "brand": "sparse",
  "cpu-shares": 20, "capped-memory": { "physical": "512M", "swap": "1G" },
  "fs": [{ "dir": "/www", "special": "/export/www", "type": "lofs", "options": ["ro"] }]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(z.CappedMemory.Physical, z.Rctl)
	// Output: 536870912 [{zone.cpu-shares [(priv=privileged,limit=20,action=none)]} {zone.max-swap [(priv=privileged,limit=1073741824,action=deny)]}]
}

// schema is docs/zone.schema.json.
func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "docs", "zone.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func against(s *jsonschema.Schema, text []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(value)
}

// TestSchemaItself holds the schema against that of its own language.
func TestSchemaItself(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/zone.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	meta, err := jsonschema.NewCompiler().Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	if err := against(meta, text); err != nil {
		t.Error(err)
	}
}

// TestSchemaTakesCorpus: what is written fits the schema, but for a name that no zone
// can have.
func TestSchemaTakesCorpus(t *testing.T) {
	t.Parallel()
	s := schema(t)
	paths, err := filepath.Glob("testdata/corpus/*.xml")
	if err != nil || len(paths) < 60 {
		t.Fatal(len(paths), err)
	}
	const odd = "odd-tokens.xml" // its name has blanks
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		z, err := zonecfg.ParseXML(text)
		if err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal(z)
		if err != nil {
			t.Fatal(err)
		}
		if err := against(s, j); (err != nil) != (filepath.Base(path) == odd) {
			t.Errorf("%s: %v\n%s", path, err, j)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, text := range []string{
		`{}`, `[]`, `{"zonename":"a"}`, `{"zonename":"-","zonepath":"/a"}`, `{"zonename":"a","zonepath":"a"}`, `{"zonename":"a","zonepath":"/a","colour":"red"}`,
		`{"zonename":"a","zonepath":"/a","autoboot":"yes"}`, `{"zonename":"a","zonepath":"/a","ip-type":"both"}`, `{"zonename":"a","zonepath":"/a","hostid":"xyz"}`,
		`{"zonename":"a","zonepath":"/a","fs":[{"dir":"/a"}]}`, `{"zonename":"a","zonepath":"/a","fs":{}}`, `{"zonename":"a","zonepath":"/a","rctl":[{"name":"zone.max-lwps"}]}`,
		`{"zonename":"a","zonepath":"/a","dedicated-cpu":{}}`, `{"zonename":"a","zonepath":"/a","dedicated-cpu":{"ncpus":1,"ncpu_min":"1"}}`, `{"zonename":"a","zonepath":"/a","capped-memory":{}}`,
		`{"zonename":"a","zonepath":"/a","attr":[{"name":"a","type":"text","value":"b"}]}`, `{"zonename":"a","zonepath":"/a","cpu-shares":-1}`, `{"zonename":"a","zonepath":"/a","cpu-shares":true}`,
	} {
		if err := against(s, []byte(text)); err == nil {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// TestSchemaHasAll compares the names of the schema with those that the decoder
// knows.
func TestSchemaHasAll(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/zone.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Properties map[string]any }
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	for name := range s.Properties {
		err := json.Unmarshal([]byte(`{"`+name+`":{"no such":1}}`), new(zonecfg.Zone))
		if err == nil || strings.Contains(err.Error(), `unknown field "`+name) {
			t.Errorf("%s is in the schema and not read: %v", name, err)
		}
	}
	full := reflect.TypeFor[zonecfg.Zone]()
	if n := full.NumField() - 1; len(s.Properties) != n+9 { // $schema, seven aliases, capped-cpu
		t.Errorf("%d properties in the schema, %d fields", len(s.Properties), n)
	}
}

func TestReadJSON(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, test := range []struct{ name, text, want string }{
		{"least", `{"zonename":"a","zonepath":"/a"}`, `<zone name="a" zonepath="/a" autoboot="false"/>`},
		{"aliases", `{"zonename":"a","zonepath":"/a","max-lwps":500,"max-shm-memory":"1G","capped-cpu":{"ncpus":2.5},"capped-memory":{"locked":"100m"}}`,
			`<zone name="a" zonepath="/a" autoboot="false">
  <rctl name="zone.max-lwps">
    <rctl-value priv="privileged" limit="500" action="deny"/>
  </rctl>
  <rctl name="zone.max-shm-memory">
    <rctl-value priv="privileged" limit="1073741824" action="deny"/>
  </rctl>
  <rctl name="zone.max-locked-memory">
    <rctl-value priv="privileged" limit="104857600" action="deny"/>
  </rctl>
  <rctl name="zone.cpu-cap">
    <rctl-value priv="privileged" limit="250" action="deny"/>
  </rctl>
</zone>`},
		{"cpus", `{"zonename":"a","zonepath":"/a","dedicated-cpu":{"ncpus":"2-4","importance":7}}`,
			"<zone name=\"a\" zonepath=\"/a\" autoboot=\"false\">\n  <pset ncpu_min=\"2\" ncpu_max=\"4\"/>\n  <tmp_pool importance=\"7\"/>\n</zone>"},
		{"schema named", `{"$schema":"zone.schema.json","zonename":"a","zonepath":"/a"}`, `<zone name="a" zonepath="/a" autoboot="false"/>`},
	} {
		if err := against(s, []byte(test.text)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		z, err := zonecfg.ReadJSON([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		_, got, _ := strings.Cut(string(z.XML(zonecfg.ForBrand)), "dtd.1\">\n")
		if got != test.want+"\n" {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	for _, test := range []struct{ name, text, want string }{
		{"syntax", "{\n\"zonename\": \"a\"\n\"zonepath\": \"/a\"}", "Invalid document: line 3: "},
		{"type", "{\n\"zonename\": \"a\",\n\"zonepath\": 7}", "Invalid document: line 3: "},
		{"unknown", `{"zonename":"a","colour":"red"}`, `unknown field "colour"`},
		{"unknown within", `{"zonename":"a","net":[{"physical":"net0","colour":"red"}]}`, `unknown field "colour"`},
		{"ip-type", `{"zonename":"a","ip-type":"both"}`, "ip-type value must be 'shared' or 'exclusive'."},
		{"both", `{"cpu-shares":1,"rctl":[{"name":"zone.cpu-shares","value":[]}]}`, "cpu-shares: the rctl zone.cpu-shares, which it stands for, is given too"},
		{"too few", `{"max-lwps":99}`, "max-lwps property is out of range."},
		{"too little", `{"capped-memory":{"swap":"49M"}}`, "swap value is too small.  It must be at least 50M."},
		{"negative", `{"cpu-shares":-1}`, "neither a number nor a string"},
		{"two", `{"zonename":"a"}{}`, "Invalid document: line 1: "},
		{"nothing", ``, "Invalid document: line 1: "},
	} {
		_, err := zonecfg.ReadJSON([]byte(test.text))
		if !errors.Is(err, zonecfg.ErrInvalidDoc) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

// TestIdentity: any valid zone comes back from XML and from JSON.
func TestIdentity(t *testing.T) {
	t.Parallel()
	s := schema(t)
	rapid.Check(t, func(t *rapid.T) {
		z := zonetest.Zones(zonetest.Text()).Draw(t, "zone")
		if found := z.Check(zonecfg.Machine{}); found != nil && !slices.ContainsFunc(found, func(f zonecfg.Finding) bool { return f.Code == zonecfg.ErrTooBig }) {
			t.Fatalf("the zone isn't valid: %+v", found)
		}
		again, err := zonecfg.ParseXML(z.XML(zonecfg.ForUse))
		if err != nil || !again.Equal(z) {
			t.Fatalf("through\n%s\n%+v, %v\nwant\n%+v", z.XML(zonecfg.ForUse), again, err, z)
		}
		j, err := json.Marshal(z)
		if err != nil {
			t.Fatal(err)
		}
		if err := against(s, j); err != nil && len(z.BootArgs) < 256 && len(z.Pool) < 256 {
			t.Fatalf("%v\n%s", err, j)
		}
		again = new(zonecfg.Zone)
		if err := json.Unmarshal(j, again); err != nil || !again.Equal(z) {
			t.Fatalf("through\n%s\n%+v, %v\nwant\n%+v", j, again, err, z)
		}
	})
}

// TestFieldsKeepTheirPlace: however the fields of a zone that was read are changed,
// what is written is read as they say, and what didn't change stands as it stood.
func TestFieldsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zones := zonetest.Zones(zonetest.Word())
		old, err := zonecfg.ParseXML(zones.Draw(t, "old").XML(zonecfg.ForUse))
		if err != nil {
			t.Fatal(err)
		}
		text := old.XML(zonecfg.ForUse)
		new := zones.Draw(t, "new")
		z := old.Clone()
		back := []func(){}
		of, from, was := reflect.ValueOf(z).Elem(), reflect.ValueOf(new).Elem(), reflect.ValueOf(old.Clone()).Elem()
		for i := range of.NumField() {
			if of.Field(i).CanSet() && rapid.Bool().Draw(t, of.Type().Field(i).Name) {
				of.Field(i).Set(from.Field(i))
				back = append(back, func() { of.Field(i).Set(was.Field(i)) })
			}
		}
		again, err := zonecfg.ParseXML(z.XML(zonecfg.ForUse))
		if err != nil || !again.Equal(z) {
			t.Fatalf("\n%s\nis %+v, %v\nwant %+v", z.XML(zonecfg.ForUse), again, err, z)
		}
		for _, f := range back {
			f()
		}
		if got := z.XML(zonecfg.ForUse); !bytes.Equal(got, text) {
			t.Fatalf("changed and changed back:\n%s\nwant\n%s", got, text)
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"zonename":"a","zonepath":"/a","dedicated-cpu":{"ncpus":"1-2"},"capped-memory":{"physical":"1G"},"max-lwps":100}`))
	f.Add([]byte(`{"zonename":"a","rctl":[{"name":"zone.max-swap","value":[{"priv":"privileged","limit":"0x10","action":"deny"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		z, err := zonecfg.ReadJSON(text)
		if err != nil {
			return
		}
		j, err := json.Marshal(z)
		if err != nil {
			t.Fatal(err)
		}
		again, err := zonecfg.ReadJSON(j)
		if err != nil || !again.Equal(z) {
			t.Fatalf("%s is read as %+v, %v, want %+v", j, again, err, z)
		}
	})
}
