package zonecfg_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

func ExampleZone_Rctls() {
	z := &zonecfg.Zone{Name: "web"}
	if err := z.Set("max-processes", "100"); err != nil {
		fmt.Println(err)
		return
	}
	set, unknown, err := z.Rctls()
	for _, e := range set {
		fmt.Println(e.Name, e.Values[0].Limit)
	}
	fmt.Println(unknown, err)
	// Output:
	// zone.max-processes 100
	// zone.max-lwps 1000
	// [] <nil>
}

func TestSpecLimitpriv(t *testing.T) {
	type limitCase struct {
		ID    string
		Given struct {
			IPType    string `json:"ip_type"`
			Limitpriv string
			Request   string
			Brand     string // always ipkg, whose lists the test has
		}
		Expect struct {
			Error              int
			Privilege, Message string
			Set                string
		}
	}
	// The built-in brand has the lists of ipkg.
	b, err := brand.Open(t.TempDir(), "sparse")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`[a-z]+_[a-z_]+`)
	for _, c := range spectest.Cases[limitCase](t, "cases-zoneadm.json", "limitpriv") {
		z := &zonecfg.Zone{LimitPriv: c.Given.Limitpriv, IPType: zonecfg.IPType(c.Given.IPType)}
		usual, err := b.Privileges.DefaultFor(c.Given.IPType)
		if err != nil {
			t.Fatal(err)
		}
		got, err := z.Privileges(&b.Privileges)
		if c.Given.Request == "mount" {
			got, err = b.Privileges.DefaultFor(c.Given.IPType) // which is what is asked for then
		}
		var limit *priv.LimitError
		if c.Expect.Error != 0 {
			if !errors.As(err, &limit) || int(limit.Problem) != c.Expect.Error || limit.Privilege != c.Expect.Privilege || err.Error() != c.Expect.Message {
				t.Errorf("%s: %v, want %s", c.ID, err, c.Expect.Message)
			}
			continue
		}
		want := usual
		if strings.HasPrefix(c.Expect.Set, "basic + ") && !strings.Contains(c.Expect.Set, "default") {
			want = priv.Basic()
		}
		want = want.With(named.FindAllString(c.Expect.Set, -1)...)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v, want %s = %v", c.ID, got, err, c.Expect.Set, want)
		}
	}
}

func TestSpecFSAllowed(t *testing.T) {
	type fsCase struct {
		ID    string
		Given struct {
			FSAllowed string `json:"fs_allowed"`
		}
		Expect struct {
			Value, Message string
			Error          int
		}
	}
	for _, c := range spectest.Cases[fsCase](t, "cases-zoneadm.json", "fs-allowed") {
		value, set, err := (&zonecfg.Zone{FSAllowed: c.Given.FSAllowed}).KernelFSAllowed()
		checkValue(t, c.ID, value, set, err, c.Expect.Value, c.Expect.Error, c.Expect.Message)
	}
	for given, want := range map[string]string{
		"": "hsfs,smbfs,nfs,nfs3,nfs4,nfsdyn", "-": "attribute not set", "-,zfs": "zfs", "-,-": "-", "zfs,-": "zfs,-,hsfs,smbfs,nfs,nfs3,nfs4,nfsdyn",
	} {
		value, set, err := (&zonecfg.Zone{FSAllowed: given}).KernelFSAllowed()
		checkValue(t, given, value, set, err, want, 0, "")
	}
	for _, bad := range []string{",", "a,", "-,", "a_b", "a/b", "ü", strings.Repeat("a", 1024)} {
		if value, _, err := (&zonecfg.Zone{FSAllowed: bad}).KernelFSAllowed(); err == nil {
			t.Errorf("%q is taken as %q", bad, value)
		}
	}
}

func TestSpecHostID(t *testing.T) {
	type hostCase struct {
		ID     string
		Given  struct{ HostID string }
		Expect struct {
			HostID string
			Error  int
		}
	}
	for _, c := range spectest.Cases[hostCase](t, "cases-zoneadm.json", "hostid") {
		id, set, err := (&zonecfg.Zone{HostID: c.Given.HostID}).KernelHostID()
		checkValue(t, c.ID, fmt.Sprintf("%08x", id), set, err, c.Expect.HostID, c.Expect.Error, "")
	}
	for given, code := range map[string]zonecfg.Code{
		"ffffffff": zonecfg.ErrInvalidProperty, "FFFFFFFF": zonecfg.ErrInvalidProperty, "0xffffffff": zonecfg.ErrInvalidProperty, "123456789": zonecfg.ErrInvalidProperty,
		"-1": zonecfg.ErrInvalidProperty, "1_2": zonecfg.ErrInvalidProperty, "g": zonecfg.ErrInvalidProperty, "0x123456789": zonecfg.ErrTooBig,
	} {
		if _, _, err := (&zonecfg.Zone{HostID: given}).KernelHostID(); !errors.Is(err, code) {
			t.Errorf("%q: %v, want %v", given, err, code)
		}
	}
}

// checkValue compares what the kernel is given with what a case says.
func checkValue(t *testing.T, name, value string, set bool, err error, want string, code int, message string) {
	t.Helper()
	switch {
	case code != 0:
		if !errors.Is(err, zonecfg.Code(code)) || message != "" && err.Error() != message {
			t.Errorf("%s: %v, want %d %s", name, err, code, message)
		}
	case err != nil:
		t.Errorf("%s: %v", name, err)
	case strings.HasSuffix(want, "not set"):
		if set {
			t.Errorf("%s: %q, want none", name, value)
		}
	case !set || value != want:
		t.Errorf("%s: %q, %v, want %q", name, value, set, want)
	}
}

func TestSpecRctl(t *testing.T) {
	type rctlCase struct {
		ID            string
		Given, Expect map[string]uint64
	}
	for _, c := range spectest.Cases[rctlCase](t, "cases-zoneadm.json", "rctl") {
		z := &zonecfg.Zone{Name: "z"}
		for alias, limit := range c.Given {
			if err := z.Set(alias, fmt.Sprint(limit)); err != nil {
				t.Fatal(err)
			}
		}
		set, unknown, err := z.Rctls()
		if err != nil || unknown != nil || len(set) != len(c.Expect) {
			t.Errorf("%s: %v, %v, %v", c.ID, set, unknown, err)
		}
		for name, limit := range c.Expect {
			if v := set.Values(name); len(v) != 1 || v[0] != rctl.Limited(limit, rctl.Deny) {
				t.Errorf("%s: %s is %+v, want %d", c.ID, name, v, limit)
			}
		}
	}
}

func TestRctls(t *testing.T) {
	z := &zonecfg.Zone{Rctl: []zonecfg.Rctl{
		{Name: "zone.max-lofi"},
		{Name: "zone.max-adopted", Values: []zonecfg.RctlValue{{Priv: "privileged", Limit: "1", Action: "deny"}}},
		{Name: "zone.max-sem-ids", Values: []zonecfg.RctlValue{{Priv: "privileged", Limit: "0x10", Action: "deny"}}},
		{Name: "zone.cpu-shares", Values: []zonecfg.RctlValue{{Priv: "privileged", Limit: "010", Action: "none"}}},
	}}
	set, unknown, err := z.Rctls()
	if err != nil || !slices.Equal(unknown, []string{"zone.max-adopted"}) || len(set) != 2 ||
		set.Values("zone.max-sem-ids")[0].Limit != 16 || set.Values("zone.cpu-shares")[0].Limit != 8 {
		t.Errorf("%+v, %v, %v", set, unknown, err)
	}
	z.Rctl[3].Values[0].Priv = "root"
	if _, _, err := z.Rctls(); err == nil || !strings.Contains(err.Error(), "invalid rctl value: (priv=root,limit=010,action=none)") {
		t.Error(err)
	}
}

func TestBootValues(t *testing.T) {
	z := &zonecfg.Zone{}
	if got := z.Datasets(""); got != "" {
		t.Errorf("no datasets are %q", got)
	}
	z.Dataset = []zonecfg.Dataset{{Name: "tank/a"}, {Name: "tank/b"}}
	if got := z.Datasets("rpool/x,rpool/y"); got != "tank/a,tank/b,rpool/x,rpool/y" {
		t.Errorf("datasets %q", got)
	}
	if n, set, err := z.MemoryCap(); n != 0 || set || err != nil {
		t.Errorf("cap %d, %v, %v", n, set, err)
	}
	z.CappedMemory = &zonecfg.CappedMemory{Physical: "1073741824"}
	if n, set, err := z.MemoryCap(); n != 1<<30 || !set || err != nil {
		t.Errorf("cap %d, %v, %v", n, set, err)
	}
	z.CappedMemory.Physical = "1g"
	if _, _, err := z.MemoryCap(); !errors.Is(err, zonecfg.ErrInvalid) {
		t.Errorf("cap: %v", err)
	}
	if c, err := z.CPUs(); c != nil || err != nil {
		t.Errorf("cpus %+v, %v", c, err)
	}
	z.DedicatedCPU = &zonecfg.DedicatedCPU{Min: "2", Max: "4"}
	if c, err := z.CPUs(); err != nil || *c != (zonecfg.CPUs{Min: 2, Max: 4, Importance: 1}) {
		t.Errorf("cpus %+v, %v", c, err)
	}
	z.DedicatedCPU.Importance = "9"
	if c, err := z.CPUs(); err != nil || c.Importance != 9 {
		t.Errorf("cpus %+v, %v", c, err)
	}
	for _, bad := range []zonecfg.DedicatedCPU{{"4", "2", ""}, {"0", "1", ""}, {"", "", ""}, {"1", "x", ""}, {"1", "1", "-1"}} {
		z.DedicatedCPU = &bad
		if c, err := z.CPUs(); err == nil {
			t.Errorf("cpus %+v of %+v", c, bad)
		}
	}
	if z.CreateFlags() != 0 {
		t.Error("a shared zone has flags")
	}
	z.IPType = zonecfg.ExclusiveIP
	if z.CreateFlags() != 1 {
		t.Error("an exclusive zone has no flag")
	}
	if s, err := z.SecFlags("aslr"); err != nil || s.Inherit.String() != "aslr" || s.Lower != 0 {
		t.Errorf("flags %v, %v", s, err)
	}
	z.SecurityFlags = &zonecfg.SecurityFlags{Lower: "noexecstack"}
	if s, err := z.SecFlags("aslr"); err != nil || s.Inherit.String() != "noexecstack" {
		t.Errorf("flags %v, %v", s, err)
	}
	z.SecurityFlags.Default = "current,-aslr"
	if _, err := z.SecFlags(""); err == nil || err.Error() != "relative security-flags are not allowed (default security-flags: 'current,-aslr')" {
		t.Errorf("flags: %v", err)
	}
}
