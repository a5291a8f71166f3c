package zonecfg

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/rctl"
)

// body returns the zone element as it is written.
func body(z *Zone) string {
	_, text, _ := strings.Cut(string(z.XML(ForBrand)), "dtd.1\">\n")
	return text
}

func alias(t *testing.T, name string) rctl.Alias {
	t.Helper()
	a, ok := rctl.LookupAlias(name)
	if !ok {
		t.Fatal(name)
	}
	return a
}

// TestLayout changes a zone as commands of zonecfg do and looks at the file.
func TestLayout(t *testing.T) {
	t.Parallel()
	const zone = `<zone name="z1" zonepath="/zones/z1" autoboot="false" brand="ipkg"`
	set := func(property, value string) func(z *Zone) error {
		return func(z *Zone) error { return z.Set(property, value) }
	}
	unset := func(property string) func(z *Zone) error { return func(z *Zone) error { return z.Clear(property) } }
	add := func(r Resource) func(z *Zone) error {
		return func(z *Zone) error { z.Append(r); return nil }
	}
	remove := func(r Resource) func(z *Zone) error { return func(z *Zone) error { return z.Remove(r) } }
	for _, test := range []struct {
		name  string
		steps []func(z *Zone) error
		want  string
	}{
		{"nothing", nil, zone + "/>\n"},
		{"shared takes the attribute out, and it comes back last", []func(z *Zone) error{set("ip-type", "exclusive"), set("pool", "p"), set("ip-type", "shared"), set("ip-type", "exclusive")},
			zone + ` pool="p" ip-type="exclusive"/>` + "\n"},
		{"cleared", []func(z *Zone) error{set("pool", "p"), unset("pool"), set("autoboot", "true"), unset("autoboot")}, zone + "/>\n"},
		{"set empty", []func(z *Zone) error{set("pool", "")}, zone + ` pool=""/>` + "\n"},
		{"set empty in its place", []func(z *Zone) error{set("pool", "p"), set("bootargs", "-s"), set("pool", "")}, zone + ` pool="" bootargs="-s"/>` + "\n"},
		{"set again in its place", []func(z *Zone) error{set("pool", "p"), set("bootargs", "-s"), set("pool", "q")}, zone + ` pool="q" bootargs="-s"/>` + "\n"},
		{"an empty attribute stays beside others", []func(z *Zone) error{set("pool", ""), add(Device{"/dev/a"})}, zone + ` pool="">` + "\n  <device match=\"/dev/a\"/>\n</zone>\n"},
		{"zonepath", []func(z *Zone) error{set("zonepath", "//a///b//")}, strings.Replace(zone, "/zones/z1", "/a/b", 1) + "/>\n"},
		{"fs", []func(z *Zone) error{add(FS{Type: "lofs", Dir: "/d", Special: "/s", Raw: "/r", Options: []string{"ro"}})},
			zone + ">\n  <filesystem special=\"/s\" raw=\"/r\" directory=\"/d\" type=\"lofs\">\n    <fsoption name=\"ro\"/>\n  </filesystem>\n</zone>\n"},
		{"one after the other", []func(z *Zone) error{add(Device{"/dev/a"}), add(Dataset{"t"}), add(Device{"/dev/b"})},
			zone + ">\n  <device match=\"/dev/a\"/>\n  <dataset name=\"t\"/>\n  <device match=\"/dev/b\"/>\n</zone>\n"},
		{"replaced at the end", []func(z *Zone) error{add(Device{"/dev/a"}), add(Device{"/dev/b"}), func(z *Zone) error { return z.Replace(Device{"/dev/a"}, &Device{"/dev/c"}) }},
			zone + ">\n  <device match=\"/dev/b\"/>\n  <device match=\"/dev/c\"/>\n</zone>\n"},
		{"replaced by the same", []func(z *Zone) error{add(Device{"/dev/a"}), add(Device{"/dev/b"}), func(z *Zone) error { return z.Replace(Device{"/dev/a"}, Device{"/dev/a"}) }},
			zone + ">\n  <device match=\"/dev/b\"/>\n  <device match=\"/dev/a\"/>\n</zone>\n"},
		{"an alias set again goes to the end", []func(z *Zone) error{set("max-lwps", "100"), set("cpu-shares", "1"), set("max-lwps", "200")},
			zone + ">\n  <rctl name=\"zone.cpu-shares\">\n    <rctl-value priv=\"privileged\" limit=\"1\" action=\"none\"/>\n  </rctl>\n" +
				"  <rctl name=\"zone.max-lwps\">\n    <rctl-value priv=\"privileged\" limit=\"200\" action=\"deny\"/>\n  </rctl>\n</zone>\n"},
		{"an alias cleared", []func(z *Zone) error{set("max-lwps", "100"), unset("max-lwps")}, zone + "/>\n"},
		{"dedicated-cpu", []func(z *Zone) error{add(&DedicatedCPU{"1", "4", "2"}), add(Dataset{"t"})},
			zone + ">\n  <pset ncpu_min=\"1\" ncpu_max=\"4\"/>\n  <tmp_pool importance=\"2\"/>\n  <dataset name=\"t\"/>\n</zone>\n"},
		{"dedicated-cpu removed", []func(z *Zone) error{add(DedicatedCPU{"1", "4", "2"}), remove(DedicatedCPU{Min: "1", Max: "4"})}, zone + "/>\n"},
		{"two security-flags", []func(z *Zone) error{add(SecurityFlags{Default: "aslr"}), add(SecurityFlags{Lower: "none"})},
			zone + ">\n  <security-flags default=\"aslr\" lower=\"\" upper=\"\"/>\n  <security-flags default=\"\" lower=\"none\" upper=\"\"/>\n</zone>\n"},
		{"the second of two", []func(z *Zone) error{add(SecurityFlags{Default: "aslr"}), add(SecurityFlags{Lower: "none"}), remove(SecurityFlags{Default: "aslr"})},
			zone + ">\n  <security-flags default=\"\" lower=\"none\" upper=\"\"/>\n</zone>\n"},
		{"capped-memory", []func(z *Zone) error{func(z *Zone) error { return z.SetAlias(alias(t, "swap"), 2<<30) }, add(CappedMemory{"1073741824"})},
			zone + ">\n  <rctl name=\"zone.max-swap\">\n    <rctl-value priv=\"privileged\" limit=\"2147483648\" action=\"deny\"/>\n  </rctl>\n  <mcap physcap=\"1073741824\"/>\n</zone>\n"},
		{"a field", []func(z *Zone) error{add(Device{"/dev/a"}), add(Dataset{"t"}), add(Device{"/dev/b"}), func(z *Zone) error { z.Device[0].Match = "/dev/c"; return nil }},
			zone + ">\n  <dataset name=\"t\"/>\n  <device match=\"/dev/c\"/>\n  <device match=\"/dev/b\"/>\n</zone>\n"},
		{"a field, then a command", []func(z *Zone) error{func(z *Zone) error { z.Device = []Device{{"/dev/a"}}; return nil }, add(Device{"/dev/b"})},
			zone + ">\n  <device match=\"/dev/a\"/>\n  <device match=\"/dev/b\"/>\n</zone>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			z := &Zone{Name: "z1", Zonepath: "/zones/z1", Brand: "ipkg"}
			for _, step := range test.steps {
				ok(t, step(z))
			}
			if got := body(z); got != test.want {
				t.Errorf("\n%s\nwant\n%s", got, test.want)
			}
			again, err := ParseXML(z.XML(ForUse))
			if err != nil || !again.Equal(z) || body(again) != test.want {
				t.Errorf("read as %+v, %v", again, err)
			}
		})
	}
}

// Comments stay where they are, and with the element that they are in.
func TestCommentsStay(t *testing.T) {
	t.Parallel()
	z, err := ParseXML([]byte(head + `<zone name="a" zonepath="/a" autoboot="true"><!-- 1 --><device match="/x"/><!-- 2 -->
<filesystem type="lofs" special="/s" directory="/d"><!-- in --></filesystem></zone>`))
	ok(t, err)
	z.Device[0].Match = "/y"
	if got, want := body(z), `<zone name="a" zonepath="/a" autoboot="true">
  <!-- 1 -->
  <!-- 2 -->
  <filesystem type="lofs" special="/s" directory="/d">
    <!-- in -->
  </filesystem>
  <device match="/y"/>
</zone>
`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestCopiesAreApart(t *testing.T) {
	t.Parallel()
	z := &Zone{Name: "a", Zonepath: "/a"}
	z.Append(Device{"/dev/a"})
	c := *z
	d := z.Clone()
	c.Append(Device{"/dev/c"})
	ok(t, d.Set("pool", "p"))
	d.Device[0].Match = "/dev/d"
	if len(z.Device) != 1 || z.Device[0].Match != "/dev/a" || z.Pool != "" || len(c.Device) != 2 {
		t.Errorf("%+v, %+v, %+v", z, c, d)
	}
}

// filled sets everything that a value refers to.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		filled(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				filled(v.Field(i))
			}
		}
	}
}

// emptied clears everything that a filled value refers to, in place.
func emptied(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		emptied(v.Elem())
	case reflect.Slice:
		emptied(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				emptied(v.Field(i))
			}
		}
	default:
		v.SetZero()
	}
}

// TestCloneSharesNothing: whatever changes in a copy leaves the zone as it is.
func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	var z, as Zone
	filled(reflect.ValueOf(&z).Elem())
	filled(reflect.ValueOf(&as).Elem())
	c := z.Clone()
	if !reflect.DeepEqual(*c, z) {
		t.Errorf("the copy is %+v", *c)
	}
	emptied(reflect.ValueOf(c).Elem())
	if !reflect.DeepEqual(z, as) {
		t.Errorf("the copy was emptied, and the zone is\n%+v, not\n%+v", z, as)
	}
}

// TestHundredths reads numbers of processors up to the bounds.
func TestHundredths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint64{
		"0.01": 1, "0.02": 2, "1": 100, "1.5": 150, "21474834": 2147483392,
		"0.009": 0, "0": 0, "-1": 0, "": 0, "1x": 0, "nan": 0, "21474836.5": 0, "inf": 0,
	} {
		if n, ok := parseHundredths(text); n != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v, want %d", text, n, ok, want)
		}
	}
}

func TestAliases(t *testing.T) {
	t.Parallel()
	lwps := alias(t, "max-lwps")
	value := func(limit, action string) []RctlValue {
		return []RctlValue{{Priv: "privileged", Limit: limit, Action: action}}
	}
	for _, test := range []struct {
		name    string
		rctls   []Rctl
		limit   uint64
		set     bool
		blocked bool
	}{
		{"none", nil, 0, false, false},
		{"simple", []Rctl{{"zone.max-lwps", value("300", "deny")}}, 300, true, false},
		{"a number that isn't decimal", []Rctl{{"zone.max-lwps", value("0x80", "deny")}}, 0, true, false},
		{"another action", []Rctl{{"zone.max-lwps", value("300", "none")}}, 0, false, true},
		{"several values", []Rctl{{"zone.max-lwps", append(value("300", "deny"), value("400", "deny")...)}}, 0, false, true},
		{"no values", []Rctl{{"zone.max-lwps", nil}}, 0, false, true},
		{"twice", []Rctl{{"zone.max-lwps", value("300", "deny")}, {"zone.max-lwps", value("300", "deny")}}, 0, false, true},
	} {
		z := &Zone{Name: "a", Zonepath: "/a", Rctl: test.rctls}
		limit, set, blocked := z.Alias(lwps)
		if limit != test.limit || set != test.set || blocked != test.blocked {
			t.Errorf("%s: %d, %v, %v", test.name, limit, set, blocked)
		}
		setErr, clearErr := z.Clone().Set("max-lwps", "200"), z.Clone().Clear("max-lwps")
		switch {
		case test.blocked:
			is(t, setErr, ErrAliasDisallowed)
			is(t, clearErr, ErrAliasDisallowed)
		case test.set:
			ok(t, setErr)
			ok(t, clearErr)
		default:
			ok(t, setErr)
			is(t, clearErr, ErrNoEntry)
		}
	}
}

func TestRemoveMissing(t *testing.T) {
	t.Parallel()
	z := &Zone{Name: "a", Zonepath: "/a", Device: []Device{{"/dev/a"}}}
	before := body(z)
	is(t, z.Remove(Device{"/dev/b"}), ErrNoResource)
	is(t, z.Replace(Device{"/dev/b"}, Device{"/dev/c"}), ErrNoResource)
	is(t, z.Set("colour", "red"), ErrNoProperty)
	is(t, z.Set("swap", "1G"), ErrNoProperty)
	is(t, z.Clear("colour"), ErrNoProperty)
	is(t, z.Clear("zonepath"), ErrClearDisallowed)
	is(t, z.Clear("zonename"), ErrClearDisallowed)
	is(t, z.Clear("brand"), ErrClearDisallowed)
	if _, err := z.Property("colour"); !errors.Is(err, ErrNoProperty) {
		t.Error(err)
	}
	if body(z) != before {
		t.Errorf("a refusal changed the zone:\n%s", body(z))
	}
}

// TestSet holds what is refused against zonecfg's words, and reads back the rest.
func TestSet(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ property, value, want string }{ // want begins with "= " for what is taken
		{"zonename", "z2", "= z2"},
		{"zonename", "-z", "-z: Bogus zone name"},
		{"zonename", "SUNWx", "SUNWx: Bogus zone name"},
		{"zonename", "global", "global: Bogus zone name"},
		{"zonepath", "/a//b/", "= /a/b"},
		{"zonepath", "zones/z1", "zones/z1 is not an absolute path."},
		{"zonepath", "", " is not an absolute path."},
		{"zonepath", "///", "/ is not allowed as a zonepath."},
		{"autoboot", "true", "= true"},
		{"autoboot", "yes", "autoboot value must be 'true' or 'false'."},
		{"bootargs", "-m verbose", "= -m verbose"},
		{"brand", "anything", "= anything"},
		{"pool", "SUNWtmp_x", "pool names starting with SUNW are reserved."},
		{"ip-type", "exclusive", "= exclusive"},
		{"ip-type", "", "ip-type value must be 'shared' or 'exclusive'."},
		{"hostid", "0x1234abcd", "= 0x1234abcd"},
		{"hostid", "ffffffff", "hostid: Specified property is invalid"},
		{"hostid", "123456789", "hostid: Specified property is invalid"},
		{"hostid", "12345678901", "hostid string is too large: 12345678901"},
		{"hostid", " 1", "hostid: Specified property is invalid"},
		{"hostid", "", "hostid: Specified property is invalid"},
		{"fs-allowed", "ufs,pcfs", "= ufs,pcfs"},
		{"fs-allowed", "", "= "},
		{"fs-allowed", "ufs,,pcfs", "z1: Specified property is invalid"},
		{"fs-allowed", "ufs pcfs", "z1: Specified property is invalid"},
		{"max-lwps", "100", "= 100"},
		{"max-lwps", "99", "max-lwps property is out of range."},
		{"max-processes", "0x100", "max-processes property is out of range."},
		{"max-shm-ids", "0", "= 0"},
		{"max-shm-ids", "0x10", "max-shm-ids property is out of range."},
		{"max-shm-ids", "18446744073709551616", "max-shm-ids property is out of range."},
		{"cpu-shares", "-1", "cpu-shares property is out of range."},
		{"max-shm-memory", "1.5g", "= 1.5G"},
		{"max-shm-memory", "1023", "= 1023"},
		{"max-shm-memory", "-1", "A non-negative number with a required scale suffix (K, M, G or T) was expected\nhere."},
	} {
		z := &Zone{Name: "z1", Zonepath: "/zones/z1"}
		err := z.Set(test.property, test.value)
		if value, taken := strings.CutPrefix(test.want, "= "); taken {
			got, getErr := z.Property(test.property)
			if err != nil || getErr != nil || got != value {
				t.Errorf("%s=%q: %q, %v, %v", test.property, test.value, got, err, getErr)
			}
			continue
		}
		var invalid *Invalid
		if !errors.As(err, &invalid) || err.Error() != test.want || invalid.Property != test.property {
			t.Errorf("%s=%q: %v, want %s", test.property, test.value, err, test.want)
		}
	}
	z := &Zone{Name: "z1", DedicatedCPU: &DedicatedCPU{"1", "1", ""}}
	if err := z.Set("pool", "p"); err == nil || !strings.HasPrefix(err.Error(), "The dedicated-cpu resource already exists.  A persistent pool is incompatible\nwith") {
		t.Error(err)
	}
	global := &Zone{Name: "global"}
	for _, test := range []struct {
		zone              *Zone
		alias, text, want string
	}{
		{z, "swap", "49M", "swap value is too small.  It must be at least 50M."},
		{global, "swap", "99M", "swap value is too small.  It must be at least 100M."},
		{z, "swap", "x", "A positive number with a required scale suffix (K, M, G or T) was expected here."},
		{z, "locked", "1X", "A non-negative number with a required scale suffix (K, M, G or T) was expected\nhere."},
		{z, "ncpus", "0.005", "ncpus property is out of range."},
		{z, "ncpus", "50%", "ncpus property is out of range."},
		{z, "ncpus", "-1", "ncpus property is out of range."},
	} {
		if _, err := test.zone.ParseAlias(alias(t, test.alias), test.text); err == nil || err.Error() != test.want {
			t.Errorf("%s=%s: %v, want %s", test.alias, test.text, err, test.want)
		}
	}
	if _, err := ParsePhysical("100k"); err == nil || err.Error() != "physical value is too small.  It must be at least 1M." {
		t.Error(err)
	}
	if m, err := ParsePhysical("1500m"); err != nil || m.Physical != "1572864000" {
		t.Error(m, err)
	}
	for text, want := range map[string]string{"1": "1", "1-4": "1-4", "4-4": "4", "4-1": "", "0": "", "0-1": "", "a": "", "1-": "", "-1": "", "": "", "1-2-3": "", "+1": "+1", " 2": " 2", "02-2": "02-2", "1 ": ""} {
		c, err := ParseNCPUs(text)
		if (err != nil) != (want == "") || err == nil && c.NCPUs() != want {
			t.Errorf("ncpus %q: %v, %v", text, c, err)
		}
	}
}
