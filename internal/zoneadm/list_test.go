package zoneadm

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// told is a kernel with the zones that a case gives it.
type told struct {
	zone.System // nil: calls that a list doesn't make panic
	zones       []toldZone
	roots       map[string]string // by name, of the zones whose root isn't /z/root
	links       map[string]zone.LinkID
	linked      []string // names that were looked up
}

type toldZone struct {
	id     zone.ID
	name   string
	status zone.Status
	flags  uint16
}

func (k *told) List(ids []zone.ID) (int, error) {
	for i := range min(len(ids), len(k.zones)) {
		ids[i] = k.zones[i].id
	}
	return len(k.zones), nil
}

func (k *told) Lookup(name string) (zone.ID, error) {
	if name == "" { // the caller's own zone, which such a kernel lists first
		return k.zones[0].id, nil
	}
	for _, z := range k.zones {
		if z.name == name {
			return z.id, nil
		}
	}
	return -1, &zone.Error{Op: "zone_lookup", Name: name, Errno: errno.EINVAL}
}

func (k *told) LinkByName(name string) (zone.LinkID, error) {
	k.linked = append(k.linked, name)
	if id, ok := k.links[name]; ok {
		return id, nil
	}
	return 0, errno.ENXIO
}

func (k *told) Getattr(id zone.ID, attr zone.Attr, buf []byte) (int, error) {
	for _, z := range k.zones {
		if z.id != id {
			continue
		}
		var raw []byte
		switch attr {
		case zone.AttrName:
			raw = append([]byte(z.name), 0)
		case zone.AttrStatus:
			raw = binary.LittleEndian.AppendUint32(nil, uint32(z.status))
		case zone.AttrFlags:
			raw = binary.LittleEndian.AppendUint16(nil, z.flags)
		case zone.AttrRoot:
			raw = k.root(z.name)
		case zone.AttrUniqID:
			raw = k.uniqid(z.id)
		case zone.AttrBrand:
			raw = []byte("ipkg\x00")
		}
		copy(buf, raw)
		return len(raw), nil
	}
	return 0, &zone.Error{Op: "zone_getattr", ID: id, Errno: errno.EINVAL}
}

// newMachine makes a machine with an index, a configuration for each zone in it, and a
// kernel that has some of the zones.
func newMachine(t *testing.T, index []string, zones ...toldZone) *Machine {
	t.Helper()
	root := t.TempDir()
	directory := filepath.Join(root, "etc/zones")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(directory, "index"), strings.Join(index, "\n")+"\n")
	m := &Machine{Kernel: &told{zones: zones}, Store: zonecfg.Open(root, "/run")}
	for _, line := range index {
		name, _, _ := strings.Cut(line, ":")
		m.configure(t, name, "/z/"+name, "ipkg", "shared")
	}
	return m
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (m *Machine) configure(t *testing.T, name, path, brand, ipType string) {
	t.Helper()
	write(t, filepath.Join(m.Store.Root(), "etc/zones", name+".xml"), fmt.Sprintf(`<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name=%q zonepath=%q autoboot="false" brand=%q ip-type=%q/>
`, name, path, brand, ipType))
}

// specCase is a case of the areas list-p, list-v and list-select.
type specCase struct {
	ID, Area, Do string
	Given        struct {
		Zone *struct {
			Name   string
			ID     *zone.ID
			State  string
			Path   string
			UUID   string
			Brand  string
			IPType string
		}
		IndexLine string `json:"index_line"`
		Index     []string
		Kernel    [][]any
	}
	Expect struct {
		Stdout []string
		Exit   int
	}
}

var statuses = map[string]zone.Status{"ready": zone.StatusReady, "running": zone.StatusRunning, "shutting_down": zone.StatusShuttingDown, "down": zone.StatusDown}

func TestSpecOneZone(t *testing.T) {
	for _, c := range spectest.Cases[specCase](t, "cases-zoneadm.json", "list-p", "list-v") {
		t.Run(c.ID, func(t *testing.T) {
			given := c.Given.Zone
			line := c.Given.IndexLine
			if line == "" {
				state := given.State
				if given.ID != nil {
					state = "installed"
				}
				path := given.Path
				if strings.Contains(path, ":") {
					path = `"` + path + `"`
				}
				line = given.Name + ":" + state + ":" + path + ":" + given.UUID
			}
			kernelZone := toldZone{0, "global", zone.StatusRunning, 0}
			zones := []toldZone{kernelZone}
			if given.ID != nil {
				z := toldZone{*given.ID, given.Name, statuses[given.State], 0}
				if strings.Contains(given.IPType, "kernel flag") {
					z.flags = zone.FlagNetExcl
				}
				zones = append(zones, z)
			}
			m := newMachine(t, []string{line}, zones...)
			ipType := "shared"
			if strings.Contains(given.IPType, "exclusive") && !strings.Contains(given.IPType, "kernel flag") {
				ipType = "exclusive"
			}
			m.configure(t, given.Name, "/elsewhere", given.Brand, ipType)
			z, err := m.Zone(given.Name)
			if err != nil {
				t.Fatal(err)
			}
			// The cases assume no alternate root, which this machine needs.
			z.Path = strings.TrimPrefix(z.Path, m.Store.Root())
			got := []string{z.Parsable()}
			if c.Area == "list-v" {
				got = []string{VerboseHeader, z.Verbose()}
			}
			for i, want := range c.Expect.Stdout {
				if strings.TrimRight(got[i], " ") != strings.TrimRight(want, " ") {
					t.Errorf("got  %q\nwant %q", got[i], want)
				}
			}
		})
	}
}

func TestSpecSelection(t *testing.T) {
	for _, c := range spectest.Cases[specCase](t, "cases-zoneadm.json", "list-select") {
		if c.Expect.Exit != 0 {
			continue // about how options are used
		}
		t.Run(c.ID, func(t *testing.T) {
			var zones []toldZone
			for _, z := range c.Given.Kernel {
				zones = append(zones, toldZone{zone.ID(z[0].(float64)), z[1].(string), statuses[z[2].(string)], 0})
			}
			m := newMachine(t, c.Given.Index, zones...)
			options := strings.TrimPrefix(c.Do, "list")
			got, failures, err := m.List(Selection{
				Configured: strings.Contains(options, "c"),
				Installed:  strings.Contains(options, "i"),
				NoGlobal:   strings.Contains(options, "n"),
			})
			if err != nil || failures != nil {
				t.Fatal(err, failures)
			}
			var names []string
			for _, z := range got {
				names = append(names, z.Name)
			}
			if !slices.Equal(names, c.Expect.Stdout) {
				t.Errorf("%v, want %v", names, c.Expect.Stdout)
			}
		})
	}
}

// TestListAndKernel: the states of real zones, and the errors about broken ones.
func TestListAndKernel(t *testing.T) {
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	id := "0a1b2c3d-1111-4222-8333-444455556666"
	m := newMachine(t, []string{"global:installed:/:", "a:installed:/z/a:" + id, "b:configured:/z/b:", "broken:installed:/z/x:" + id, "b:configured:/z/b:"})
	m.Kernel = k.Global()
	write(t, filepath.Join(m.Store.Root(), "etc/zones/broken.xml"), "<zone")
	zid, err := k.Global().Create(&zone.Def{Name: "a", Root: "/z/a/root"})
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.Zone("a")
	if err != nil || z.State != zonecfg.Ready || !z.Active || z.ID != zid {
		t.Errorf("%+v, %v", z, err)
	}
	if err := k.Global().Boot(zid); err != nil {
		t.Fatal(err)
	}
	zones, failures, err := m.List(Selection{Configured: true})
	if err != nil || len(zones) != 3 {
		t.Fatalf("%d zones, %v", len(zones), err)
	}
	if zones[1].State != zonecfg.Running || zones[2].Name != "b" {
		t.Errorf("%+v %+v", zones[1], zones[2])
	}
	if len(failures) != 1 || !errors.Is(failures[0], zonecfg.ErrInvalidDoc) || !strings.Contains(failures[0].Error(), "broken.xml:1") {
		t.Errorf("failures %v", failures)
	}
	if _, err := m.Zone("nobody"); !errors.Is(err, ErrNotConfigured) {
		t.Error(err)
	}
	raw, err := json.Marshal(zones[2])
	if want := `{"id":null,"name":"b","state":"configured","zonepath":"` + m.Store.Root() + `/z/b","brand":"ipkg","ip-type":"shared"}`; string(raw) != want || err != nil {
		t.Errorf("%s, %v", raw, err)
	}
	if usual, err := m.Store.DefaultBrand(); err != nil || zones[0].Brand != usual {
		t.Errorf("the global zone has brand %s, not %s: %v", zones[0].Brand, usual, err)
	}
}

// TestNoBrand: a zone whose configuration names no brand has that of the global zone.
func TestNoBrand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	b.configure(t, "z1", "/z/z1", "", "exclusive")
	usual, err := b.Store.DefaultBrand()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"-:z1:installed:" + b.dir + "/z/z1:" + usualID + ":" + usual + ":excl"}
	if status, out, errs := b.do("-z z1 list -p"); !slices.Equal(out, want) {
		t.Errorf("exit status %d, %q, %q, want %q", status, out, errs, want)
	}
}

func ExampleZone_Parsable() {
	z := Zone{Active: true, ID: 3, Name: "web", State: zonecfg.Running, Path: "/zones/web:1", Brand: "sparse", IPType: zonecfg.SharedIP}
	fmt.Println(z.Parsable())
	// Output: 3:web:running:/zones/web\:1::sparse:shared
}

// TestListIdle: list starts no kernel process where none runs. The global zone is there all
// the same, and the zones of the index are as it says. Any other failure to reach the kernel
// is one of list, too.
func TestListIdle(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	b.Kernel = nil
	b.Connect = func() (zone.Kernel, error) { t.Error("a kernel is started"); return nil, errors.New("none") }
	why := syscall.ENOENT
	b.Running = func() (zone.Kernel, error) { return nil, fmt.Errorf("door: %w", why) }
	for _, test := range []struct {
		why    syscall.Errno
		line   string
		status int
		want   []string
	}{
		{syscall.ENOENT, "list", ExitOK, []string{"global"}},
		{syscall.ECONNREFUSED, "list -n", ExitOK, nil},
		{syscall.ENOENT, "list -c", ExitOK, []string{"global", "z1"}},
		{syscall.ENOENT, "-z z1 list", ExitOK, []string{"z1"}},
		{syscall.ENOENT, "-z global list -p", ExitOK, []string{"0:global:running:/::" + b.defaultBrand() + ":shared"}},
		{syscall.ENOENT, "-z z2 list", ExitFailed, nil},
		{syscall.ENOENT, "-z 0 list", ExitFailed, nil}, // it exists, but has no brand
		{syscall.EACCES, "list", ExitFailed, nil},
	} {
		b.Idle, why = false, test.why
		status, out, errs := b.do(test.line)
		if status != test.status || !slices.Equal(out, test.want) || (len(errs) > 0) != (status != ExitOK) {
			t.Errorf("%s, %v: status %d, %q, %q", test.line, test.why, status, out, errs)
		}
	}
}
