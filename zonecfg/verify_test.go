package zonecfg_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

func ExampleZone_Verify() {
	z := &zonecfg.Zone{Name: "web", Brand: "sparse", Net: []zonecfg.Net{{Physical: "net0"}}}
	for _, f := range z.Verify(zonecfg.Machine{}) {
		fmt.Println(f.Text)
	}
	// Output:
	// zonepath cannot be empty.
	// net: address not specified
}

// texts returns what is found, a line each, with marks for what it does.
func texts(found []zonecfg.Finding) string {
	var out strings.Builder
	for _, f := range found {
		mark := ""
		if f.Stop {
			mark += "S"
		}
		if f.Quiet {
			mark += "Q"
		}
		fmt.Fprintf(&out, "%d%s %s\n", f.Code, mark, f.Text)
	}
	return out.String()
}

func TestVerify(t *testing.T) {
	t.Parallel()
	value := []zonecfg.RctlValue{{Priv: "privileged", Limit: "5", Action: "none"}}
	rules := brand.Rules(t.TempDir(), nil)
	on := zonecfg.Machine{
		Brand:         rules,
		User:          func(name string) bool { return name == "ops" },
		Authorization: func(name string) bool { return name == "solaris.zone.login" || name == "solaris.zone.manage" },
	}
	for _, test := range []struct {
		name   string
		change func(z *zonecfg.Zone)
		want   string
	}{
		{"nothing", func(z *zonecfg.Zone) {}, ""},
		{"no zonepath", func(z *zonecfg.Zone) { z.Zonepath = "" }, "8 zonepath cannot be empty.\n"},
		{"the global zone has none", func(z *zonecfg.Zone) { z.Zonepath, z.Name = "", "global" }, ""},
		{"brand", func(z *zonecfg.Zone) { z.Zonepath, z.Brand = "", "nosuch" }, "8 zonepath cannot be empty.\n0 z1: unknown brand.\n\n22S z1: Invalid document\n"},
		{"unknown privilege", func(z *zonecfg.Zone) { z.LimitPriv = "default,bogus" }, "39SQ z1: invalid privilege: bogus\n"},
		{"prohibited privilege", func(z *zonecfg.Zone) { z.LimitPriv = "default,sys_config" }, "37SQ z1: invalid privilege: sys_config\n"},
		{"missing privilege", func(z *zonecfg.Zone) { z.LimitPriv = "basic" }, "38SQ z1: invalid privilege: sys_mount\n"},
		{"hostid", func(z *zonecfg.Zone) { z.HostID = "xyz" }, "50SQ z1: invalid hostid: xyz\n"},
		{"fs-allowed", func(z *zonecfg.Zone) { z.FSAllowed = "a," }, "50SQ z1: invalid fs-allowed: a,\n"},
		{"a stop hides what follows", func(z *zonecfg.Zone) { z.HostID, z.FS = "xyz", []zonecfg.FS{{}} }, "50SQ z1: invalid hostid: xyz\n"},
		{"fs", func(z *zonecfg.Zone) { z.FS = []zonecfg.FS{{}, {Dir: "/a"}} },
			"9 fs: dir not specified\n9 fs: special not specified\n9 fs: type not specified\n9 fs: special not specified\n9 fs: type not specified\n"},
		{"shared net", func(z *zonecfg.Zone) {
			z.Net = []zonecfg.Net{{Physical: "bge0"}, {Physical: "bge0:1", Address: "10.0.0.1", AllowedAddress: "10.0.0.2"}, {Physical: "bge", Address: "a"}}
		}, "9 net: address not specified\n12 bge0:1: LUNs not allowed in physical interface names\n12 net: allowed-address cannot be specified for a shared IP type\n12 bge: invalid physical interface name\n"},
		{"exclusive net", func(z *zonecfg.Zone) {
			z.IPType = zonecfg.ExclusiveIP
			z.Net = []zonecfg.Net{{Physical: "net0", Address: "10.0.0.1"}, {Physical: "net1", Defrouter: "10.0.0.1"}, {Physical: "net1"}, {Physical: "net2", Defrouter: "10.0.0.1"},
				{Physical: "net2", AllowedAddress: "10.0.0.2"}, {Physical: "net3:1"}, {Physical: "net04"}}
		}, "12 net: address cannot be specified for an exclusive IP type\n12 net3:1: physical interface name required; logical interface name not allowed\n12 net04: invalid physical interface name\n" +
			"12 net: defrouter for net1 cannot be specified without allowed-address for an exclusive IP type\n"},
		{"rctl", func(z *zonecfg.Zone) { z.Rctl = []zonecfg.Rctl{{}, {Name: "zone.max-lwps"}} }, "9 rctl: name not specified\n9 rctl: no value specified\n9 rctl: no value specified\n"},
		{"shares and cpus", func(z *zonecfg.Zone) {
			z.Rctl, z.DedicatedCPU, z.SchedClass = []zonecfg.Rctl{{"zone.cpu-shares", value}, {"zone.cpu-cap", value}}, &zonecfg.DedicatedCPU{Min: "1", Max: "1"}, "FX"
		}, "41 rctl zone.cpu-shares and dedicated-cpu are incompatible.\n41 WARNING: rctl zone.cpu-shares and scheduling-class=FX are incompatible\n41 rctl zone.cpu-cap and the dedicated-cpu are incompatible.\n"},
		{"shares and a class that can't be read", func(z *zonecfg.Zone) {
			z.Rctl, z.SchedClass = []zonecfg.Rctl{{"zone.cpu-shares", value}}, strings.Repeat("x", 256)
		}, ""},
		{"shares in class FSS", func(z *zonecfg.Zone) { z.Rctl, z.SchedClass = []zonecfg.Rctl{{"zone.cpu-shares", value}}, "FSS" }, ""},
		{"attr", func(z *zonecfg.Zone) { z.Attr = []zonecfg.Attr{{Name: "a"}} }, "9 attr: type not specified\n9 attr: value not specified\n"},
		{"dataset", func(z *zonecfg.Zone) {
			z.Dataset = []zonecfg.Dataset{{""}, {"tank/a b"}, {"/tank"}, {"tank/"}, {"tank@s"}, {"tank//a"}}
		}, "9 dataset: name not specified\n3 dataset: name invalid\n3 dataset: name invalid\n3 dataset: name invalid\n3 dataset: name invalid\n"},
		{"admin", func(z *zonecfg.Zone) {
			z.Admin = []zonecfg.Admin{{"ops", "login,manage"}, {"nobody", "login"}, {"", ""}}
		}, "3 user nobody is not a valid username\n9 admin: user not specified\n9 admin: auths not specified\n"},
		{"authorization", func(z *zonecfg.Zone) { z.Admin = []zonecfg.Admin{{"ops", "login,fly"}} }, "3 zone 'z1': 'fly' is not a valid authorization\n"},
		{"after a failure nobody is looked up", func(z *zonecfg.Zone) {
			z.FS, z.Admin = []zonecfg.FS{{Dir: "/a", Special: "/b"}}, []zonecfg.Admin{{"nobody", "fly"}}
		}, "9 fs: type not specified\n"},
		{"security-flags", func(z *zonecfg.Zone) {
			z.SecurityFlags = &zonecfg.SecurityFlags{Default: "wrong", Lower: "aslr", Upper: "none"}
		},
			"3 default security flags 'wrong' are invalid\n3 only assignment of security flags is allowed (default: wrong)\n3 default secflags must be above the lower limit\n3 lower secflags must be within the upper limit\n"},
		{"relative security-flags", func(z *zonecfg.Zone) { z.SecurityFlags = &zonecfg.SecurityFlags{Default: "current,aslr"} }, "0 only assignment of security flags is allowed (default: current,aslr)\n"},
	} {
		z := &zonecfg.Zone{Name: "z1", Zonepath: "/zones/z1", Brand: "sparse"}
		test.change(z)
		found := z.Verify(on)
		if got := texts(found); got != test.want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, test.want)
		}
		if failed := zonecfg.Failed(found); (failed == nil) != (strings.Trim(test.want, "0") == "" || strings.HasPrefix(test.want, "0 only")) {
			t.Errorf("%s: %v", test.name, failed)
		}
	}
	z := &zonecfg.Zone{Name: "z1", Zonepath: "/z"}
	found := z.Verify(zonecfg.Machine{Brand: func(string) (*zonecfg.BrandRules, error) { return nil, errors.New("cannot be read") }})
	if got := texts(found); got != "40S z1: cannot be read\n" {
		t.Errorf("a brand that can't be read: %s", got)
	}
}

// TestCheck: what zonecfg's commands would have refused is found in a whole zone.
func TestCheck(t *testing.T) {
	t.Parallel()
	ok := []zonecfg.RctlValue{{Priv: "privileged", Limit: "5", Action: "deny"}}
	for _, test := range []struct {
		name   string
		change func(z *zonecfg.Zone)
		want   string
	}{
		{"nothing", func(z *zonecfg.Zone) {}, ""},
		{"name", func(z *zonecfg.Zone) { z.Name = "a/b" }, "7 a/b: Bogus zone name\n"},
		{"zonepath", func(z *zonecfg.Zone) { z.Zonepath = "zones" }, "12 zones is not an absolute path.\n"},
		{"hostid too long", func(z *zonecfg.Zone) { z.HostID = "00000000001" }, "50SQ z1: invalid hostid: 00000000001\n14 hostid string is too large: 00000000001\n"},
		{"bootargs too long", func(z *zonecfg.Zone) { z.BootArgs = strings.Repeat("a", 256) }, "14 bootargs: Argument list too long\n"},
		{"pool", func(z *zonecfg.Zone) { z.Pool, z.DedicatedCPU = "p", &zonecfg.DedicatedCPU{Min: "1", Max: "2"} },
			"41 The dedicated-cpu resource already exists.  A persistent pool is incompatible\nwith the dedicated-cpu resource.\n"},
		{"same dir", func(z *zonecfg.Zone) {
			z.FS = []zonecfg.FS{{Dir: "/a", Special: "/b", Type: "lofs"}, {Dir: "/a", Special: "/c", Type: "lofs"}}
		}, "23 A fs resource with the dir '/a' already exists.\n"},
		{"fs", func(z *zonecfg.Zone) { z.FS = []zonecfg.FS{{Dir: "a", Special: "/b", Raw: "r", Type: "a/b"}} },
			"12 fs: dir a is not an absolute path.\n12 fs: raw r is not an absolute path.\n12 fs: \"a/b\" is not a valid type.\n"},
		{"net", func(z *zonecfg.Zone) {
			z.Net = []zonecfg.Net{{Physical: "net0", Address: "fe80::1", Defrouter: "a_b"}, {Physical: "net1", Address: "10.0.0.1/24"}, {Physical: "net1", Address: "10.0.0.1"}}
		}, "35 net: fe80::1: IPv6 addresses require /prefix-length suffix.\n36 net: a_b: bogus host name or network address syntax\n23 A net resource with the physical 'net1', and address '10.0.0.1' already exists.\n"},
		{"duplicates", func(z *zonecfg.Zone) {
			z.Device = []zonecfg.Device{{"/dev/a"}, {"/dev/a"}}
			z.Rctl = []zonecfg.Rctl{{"zone.max-lwps", ok}, {"zone.max-lwps", ok}}
			z.Attr = []zonecfg.Attr{{"a", "string", "b"}, {"a", "int", "1"}}
			z.Dataset = []zonecfg.Dataset{{"t"}, {"t"}}
			z.Admin = []zonecfg.Admin{{"u", "login"}, {"u", "manage"}}
		}, "23 A device resource with the match '/dev/a' already exists.\n23 A rctl resource with the name 'zone.max-lwps' already exists.\n23 An attr resource with the name 'a' already exists.\n" +
			"23 A dataset resource with the name 't' already exists.\n23 A admin resource with the user 'u' already exists.\n"},
		{"rctl", func(z *zonecfg.Zone) {
			z.Rctl = []zonecfg.Rctl{{"process.max-lwps", []zonecfg.RctlValue{{Priv: "basic", Limit: "1", Action: "deny"}, {Priv: "privileged", Limit: "-1", Action: "deny"}}}}
		}, "12 rctl: 'process.max-lwps' is not a valid zone rctl name.\n12 rctl: Invalid rctl value specification\n"},
		{"attr", func(z *zonecfg.Zone) { z.Attr = []zonecfg.Attr{{"a_b", "boolean", "yes"}} },
			"12 attr: Invalid attr name a_b: can only contain alpha-numeric characters, plus '-' and '.'.\n12 attr: invalid attr value for type=boolean\n"},
		{"cpus", func(z *zonecfg.Zone) { z.DedicatedCPU = &zonecfg.DedicatedCPU{Min: "4", Max: "1", Importance: "x"} },
			"12 dedicated-cpu: ncpus property is out of range.\n12 dedicated-cpu: importance property is out of range.\n"},
		{"memory", func(z *zonecfg.Zone) {
			z.CappedMemory = &zonecfg.CappedMemory{Physical: "1048576"}
			z.Rctl = []zonecfg.Rctl{{"zone.max-locked-memory", []zonecfg.RctlValue{{Priv: "privileged", Limit: "1048577", Action: "deny"}}}}
		}, "12 capped-memory: The locked cap must be less than or equal to the physical cap.\n"},
		{"little memory", func(z *zonecfg.Zone) { z.CappedMemory = &zonecfg.CappedMemory{Physical: "1"} }, "12 capped-memory: physical value is too small.  It must be at least 1M.\n"},
	} {
		z := &zonecfg.Zone{Name: "z1", Zonepath: "/zones/z1", Brand: "sparse"}
		test.change(z)
		if got := texts(z.Check(zonecfg.Machine{})); got != test.want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, test.want)
		}
	}
	z := &zonecfg.Zone{Name: "z1", Zonepath: "/z", Brand: "b", IPType: zonecfg.ExclusiveIP}
	on := zonecfg.Machine{Brand: func(string) (*zonecfg.BrandRules, error) { return &zonecfg.BrandRules{}, nil }}
	if got := texts(z.Check(on)); got != "12 ip-type cannot be 'exclusive' when brand is 'b'.\n" {
		t.Errorf("exclusive: %s", got)
	}
}

// TestLengths: each text may be as long as the system's buffer for it, without its NUL.
func TestLengths(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		room int
		set  func(z *zonecfg.Zone, text string)
	}{
		"bootargs":         {256, func(z *zonecfg.Zone, text string) { z.BootArgs = text }},
		"pool":             {256, func(z *zonecfg.Zone, text string) { z.Pool = text }},
		"scheduling-class": {256, func(z *zonecfg.Zone, text string) { z.SchedClass = text }},
		"brand":            {256, func(z *zonecfg.Zone, text string) { z.Brand = text }},
		"zonepath":         {1024, func(z *zonecfg.Zone, text string) { z.Zonepath = "/" + text[1:] }},
		"fs-allowed":       {1024, func(z *zonecfg.Zone, text string) { z.FSAllowed = text }},
	} {
		for size, long := range map[int]bool{test.room - 1: false, test.room: true} {
			z := &zonecfg.Zone{Name: "z1", Zonepath: "/zones/z1", Brand: "sparse"}
			test.set(z, strings.Repeat("a", size))
			if got := texts(z.Check(zonecfg.Machine{})); strings.Contains(got, name+": Argument list too long") != long {
				t.Errorf("%s of %d bytes: %q", name, size, got)
			}
		}
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		got  []error
		want string
	}{
		{zonecfg.FS{}.Check(), "dir not specified|special not specified|type not specified"},
		{zonecfg.Net{}.Check(), "physical not specified"},
		{zonecfg.Device{}.Check(), "match not specified"},
		{zonecfg.Rctl{}.Check(), "name not specified|no value specified"},
		{zonecfg.Attr{}.Check(), "name not specified|type not specified|value not specified|Invalid attr name : must start with an alpha-numeric character.|invalid attr type ''"},
		{zonecfg.Attr{Name: "a", Type: "int", Value: "1x"}.Check(), "invalid attr value for type=int"},
		{zonecfg.Attr{Name: "a", Type: "int", Value: "-9223372036854775808"}.Check(), ""},
		{zonecfg.Attr{Name: "a", Type: "uint", Value: "-1"}.Check(), "invalid attr value for type=uint"},
		{zonecfg.Attr{Name: "a", Type: "uint", Value: "+1"}.Check(), ""},
		{zonecfg.Attr{Name: "a", Type: "boolean", Value: "TRUE"}.Check(), "invalid attr value for type=boolean"},
		{zonecfg.Attr{Name: "a", Type: "text", Value: "x"}.Check(), "invalid attr type 'text'"},
		{zonecfg.Dataset{}.Check(), "name not specified"},
		{zonecfg.DedicatedCPU{}.Check(), "ncpus not specified"},
		{zonecfg.Admin{}.Check("z", zonecfg.Machine{}), "user not specified|auths not specified"},
		{zonecfg.SecurityFlags{Upper: "none", Default: "aslr"}.Check(), "default secflags must be within the upper limit"},
	} {
		var lines []string
		for _, err := range test.got {
			lines = append(lines, err.Error())
		}
		if got := strings.Join(lines, "|"); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
	z := &zonecfg.Zone{Name: "z"}
	if err := z.CheckMemory(nil); err == nil || err.Error() != "No property was specified.  One of physical, swap or locked is required." {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"10.0.0.1": "", "10.0.0.1/0": "", "10.0.0.1/32": "", "10.0.0.1/x": "", "my-host.example": "", "host/8": "", "2001:db8::1/64": "", "::1/0": "",
		"10.0.0.1/33":  "10.0.0.1/33: IPv4 address prefix lengths must be 0 - 32.",
		"10.0.0.1/-1":  "10.0.0.1/-1: IPv4 address prefix lengths must be 0 - 32.",
		"fe80::1":      "fe80::1: IPv6 addresses require /prefix-length suffix.",
		"fe80::1/129":  "fe80::1/129: IPv6 address prefix lengths must be 0 - 128.",
		"-host":        "-host: bogus host name or network address syntax",
		"a_b/8":        "a_b: bogus host name or network address syntax",
		"fe80::1::2/8": "fe80::1::2: bogus host name or network address syntax",
		"":             ": bogus host name or network address syntax",
	} {
		err := zonecfg.CheckAddress(address)
		if got := fmt.Sprint(err); got != want && !(err == nil && want == "") {
			t.Errorf("%q: %s, want %s", address, got, want)
		}
	}
	for router, want := range map[string]string{
		"10.0.0.1": "|<nil>", "fe80::1": "|<nil>", "router": "|<nil>",
		"10.0.0.1/8":  "Warning: prefix length in 10.0.0.1/8 is not required and will be ignored. The default host-prefix length will be used|<nil>",
		"10.0.0.1/64": "Warning: prefix length in 10.0.0.1/64 is not required and will be ignored. The default host-prefix length will be used|<nil>",
		"a_b":         "|a_b: bogus host name or network address syntax",
		"":            "|: bogus host name or network address syntax",
	} {
		if warning, err := zonecfg.CheckRouter(router); fmt.Sprintf("%s|%v", warning, err) != want {
			t.Errorf("%q: %s, %v, want %s", router, warning, err, want)
		}
	}
	links := map[string][2]bool{ // shared, exclusive
		"net0": {true, true}, "e1000g1": {true, true}, "vnic_web.0": {true, true}, "bge0:1": {false, false}, "net": {false, false}, "0net0": {true, false}, "net01": {true, false},
		"net-0": {true, false}, "": {false, false}, "bge4294967295": {true, true}, strings.Repeat("n", 30) + "0": {true, true}, strings.Repeat("n", 31) + "0": {false, false},
		"ip.tun0": {true, true}, "n0.mod": {false, false}, ":1": {false, false}, "12": {true, false}, "a0:": {false, false}, "a0:1:2": {false, false},
	}
	for link, want := range links {
		got := [2]bool{zonecfg.CheckPhysical(link, zonecfg.SharedIP) == nil, zonecfg.CheckPhysical(link, zonecfg.ExclusiveIP) == nil}
		if got != want {
			t.Errorf("%q: %v, want %v", link, got, want)
		}
	}
}
