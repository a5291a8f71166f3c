package zone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
)

// attribute values as the kernel stores them, independent of this package.
func raw16(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
func raw32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
func raw64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
func rawText(s string) []byte {
	return append([]byte(s), 0)
}

// TestLife takes a zone through its life with every subcode, and checks the effect of
// each.
func TestLife(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	var sys Native
	lwps, _ := rctl.Lookup("zone.max-lwps")
	set := rctl.Set{{Name: lwps.Name, Values: []rctl.Value{rctl.Limited(123, rctl.Deny)}}}
	controls, err := set.Pack()
	if err != nil {
		t.Fatal(err)
	}
	privs := priv.Basic().With("sys_mount", "net_rawaccess")
	name := "life"
	id, err := sys.Create(&Def{Name: name, Root: "/zones/life/root", Privs: privs, Rctls: controls, Datasets: "tank/a,tank/b", Flags: CreateNetExcl})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(sys.Shutdown(id), sys.Destroy(id)); err != nil {
			t.Error(err)
		}
		if _, err := sys.Lookup(name); !errors.Is(err, errno.EINVAL) {
			t.Errorf("after destroy: %v", err)
		}
	}()
	if id < MinUserID || id > MaxID {
		t.Errorf("id %d", id)
	}
	if found, err := sys.Lookup(name); err != nil || found != id {
		t.Errorf("lookup: %d, %v", found, err)
	}
	if ids, err := IDs(sys); err != nil || !slices.Contains(ids, GlobalID) || !slices.Contains(ids, id) {
		t.Errorf("list: %v, %v", ids, err)
	}

	// Setattr, which is possible until the boot.
	var privBytes []byte
	for _, w := range privs {
		privBytes = binary.LittleEndian.AppendUint32(privBytes, w)
	}
	secflags := append(append(append(raw64(0), raw64(1)...), raw64(1)...), raw64(7)...)
	for attr, value := range map[Attr][]byte{
		AttrInitName: rawText("/etc/init"), AttrBootArgs: rawText("-v -m"), AttrSchedClass: rawText("FSS"), AttrFSAllowed: rawText("ufs,nfs"),
		AttrHostID: raw32(0x12345678), AttrPhysMcap: raw64(1 << 33), AttrSecFlags: secflags, AttrInitNoRestart: nil,
	} {
		if err := sys.Setattr(id, attr, value); err != nil {
			t.Errorf("setting attribute %d: %v", attr, err)
		}
	}
	if err := SetBrand(sys, id, "sparse"); err != nil {
		t.Error(err)
	}
	for attr, want := range map[Attr][]byte{
		AttrRoot: rawText("/zones/life/root"), AttrName: rawText(name), AttrStatus: raw32(uint32(StatusReady)), AttrPrivset: privBytes,
		AttrInitName: rawText("/etc/init"), AttrBootArgs: rawText("-v -m"), AttrBrand: rawText("sparse"), AttrPhysMcap: raw64(1 << 33),
		AttrSchedClass: rawText("FSS"), AttrFlags: raw16(FlagNetExcl), AttrHostID: raw32(0x12345678), AttrFSAllowed: rawText("ufs,nfs"),
		AttrSecFlags: secflags, AttrPoolID: raw32(0), AttrInitPID: raw32(0),
	} {
		buf := bytes.Repeat([]byte{0xaa}, 64)
		room := len(buf)
		if attr == AttrHostID {
			room = 4
		}
		n, err := sys.Getattr(id, attr, buf[:room])
		if err != nil || n != len(want) || !bytes.Equal(buf[:len(want)], want) || buf[len(want)] != 0xaa {
			t.Errorf("attribute %d: %d, %v, % x", attr, n, err, buf)
		}
		if attr == AttrHostID || attr == AttrPoolID {
			continue // these require their exact size, or always return the whole value
		}
		// A buffer of half the size gets what fits, and the size of the whole.
		buf = bytes.Repeat([]byte{0xaa}, 64)
		half := len(want) / 2
		n, err = sys.Getattr(id, attr, buf[:half])
		if err != nil || n != len(want) || !bytes.Equal(buf[:half], want[:half]) || buf[half] != 0xaa {
			t.Errorf("attribute %d with half the room: %d, %v, % x", attr, n, err, buf)
		}
	}
	for _, attr := range []Attr{0, AttrLabel, 18, 19, 22, AttrBrandBase} {
		if _, err := sys.Getattr(id, attr, make([]byte, 64)); !errors.Is(err, errno.EINVAL) {
			t.Errorf("attribute %d: %v", attr, err)
		}
	}

	// Data links.
	if err := errors.Join(sys.AddDatalink(id, 7), sys.AddDatalink(id, 8)); err != nil {
		t.Error(err)
	}
	if err := sys.AddDatalink(id, 7); !errors.Is(err, errno.EEXIST) {
		t.Errorf("the same link again: %v", err)
	}
	links := make([]LinkID, 4)
	if n, err := sys.ListDatalinks(id, links); err != nil || n != 2 || links[0]+links[1] != 15 {
		t.Errorf("links %v, %d, %v", links, n, err)
	}
	if owner, err := sys.CheckDatalink(AllZones, 8); err != nil || owner != id {
		t.Errorf("owner of the link: %d, %v", owner, err)
	}
	network := append(append(append(raw32(1), raw32(4)...), raw32(7)...), 10, 0, 0, 9) // ZONE_NETWORK_ADDRESS
	if err := sys.Setattr(id, AttrNetwork, network); err != nil {
		t.Errorf("network: %v", err)
	}
	asked := append(append(append(raw32(1), raw32(64)...), raw32(7)...), make([]byte, 64)...)
	if _, err := sys.Getattr(id, AttrNetwork, asked); err != nil || !bytes.Equal(asked[12:16], network[12:]) || asked[4] != 4 {
		t.Errorf("network: % x, %v", asked, err)
	}
	if err := sys.RemoveDatalink(id, 7); err != nil {
		t.Error(err)
	}
	if err := sys.RemoveDatalink(id, 7); !errors.Is(err, errno.ENXIO) {
		t.Errorf("the link again: %v", err)
	}

	if err := sys.Destroy(id); !errors.Is(err, errno.EBUSY) {
		t.Errorf("destroying a zone that is ready: %v", err)
	}
	if err := sys.Boot(id); err != nil {
		t.Fatal(err)
	}
	if status, err := StatusOf(sys, id); err != nil || status != StatusRunning {
		t.Errorf("after boot: %v, %v", status, err)
	}
	if init, err := InitPIDOf(sys, id); err != nil || init <= 1 {
		t.Errorf("init is %d, %v", init, err)
	}
	if err := sys.Setattr(id, AttrBootArgs, rawText("x")); !errors.Is(err, errno.EINVAL) {
		t.Errorf("setting after boot: %v", err)
	}
}

// TestInterrupted repeats the tests in a process whose calls of zone(2) the runner interrupts:
// by signals, and as they are when other threads create or enter zones.
func TestInterrupted(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"signals", "holds"} {
		t.Run(mode, func(t *testing.T) {
			again := exec.Command(self, "-test.run=^(TestLife|TestCreateFails|TestNative)$", "-test.count=3", "-test.timeout=30s")
			again.Env = append(os.Environ(), "ILLUMOS_RUN_INTERRUPT="+mode)
			if said, err := again.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}

// TestCreateFails: each failure has its error number, and its extended error.
func TestCreateFails(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	var sys Native
	for why, c := range map[string]struct {
		def  Def
		want errno.Errno
	}{
		"no name":           {Def{Root: "/zones/x/root"}, errno.EINVAL},
		"a long name":       {Def{Name: strings.Repeat("x", NameMax), Root: "/zones/x/root"}, errno.ENAMETOOLONG},
		"a bad name":        {Def{Name: "a b", Root: "/zones/x/root"}, errno.EINVAL},
		"a long root":       {Def{Name: "x", Root: "/" + strings.Repeat("x", PathMax)}, errno.ENAMETOOLONG},
		"too many datasets": {Def{Name: "x", Root: "/zones/x/root", Datasets: strings.Repeat("x", 1<<24)}, errno.ENOMEM},
		"broken controls":   {Def{Name: "x", Root: "/zones/x/root", Rctls: []byte("no list")}, errno.EINVAL},
		"the global zone":   {Def{Name: GlobalName, Root: "/zones/x/root"}, errno.EEXIST},
		"around all zones":  {Def{Name: "x", Root: "/"}, errno.EBUSY},
	} {
		id, err := sys.Create(&c.def)
		var failed *Error
		if !errors.As(err, &failed) {
			t.Errorf("%s: %d, %v", why, id, err)
			sys.Shutdown(id)
			sys.Destroy(id)
			continue
		}
		if failed.Errno != c.want {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// TestBadAddresses: the kernel returns EFAULT for an unmapped address.
func TestBadAddresses(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	const nowhere = 0x1000
	for name, call := range map[string]func() (int64, errno.Errno){
		"create":  func() (int64, errno.Errno) { return raw(SubCreate, nowhere, 0, 0, 0) },
		"getattr": func() (int64, errno.Errno) { return raw(SubGetattr, 0, uintptr(AttrName), nowhere, 8) },
		"list":    func() (int64, errno.Errno) { return raw(SubList, 0, nowhere, 0, 0) },
		"lookup":  func() (int64, errno.Errno) { return raw(SubLookup, nowhere, 0, 0, 0) },
		"version": func() (int64, errno.Errno) { return raw(SubVersion, nowhere, 0, 0, 0) },
		"links":   func() (int64, errno.Errno) { return raw(SubListDatalink, 0, nowhere, 0, 0) },
	} {
		if n, e := call(); e != errno.EFAULT || n != -1 {
			t.Errorf("%s: %d, %v", name, n, e)
		}
	}
	// This call returns it as its result.
	if n, e := raw(SubCheckDatalink, nowhere, 1, 0, 0); e != 0 || n != int64(errno.EFAULT) {
		t.Errorf("check: %d, %v", n, e)
	}
	if _, e := raw(99, 0, 0, 0, 0); e != errno.EINVAL {
		t.Errorf("a subcode that is none: %v", e)
	}
}

// TestExtendedError: for every failure, the kernel writes the extended error to the
// field of the structure for it and nowhere else.
func TestExtendedError(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	extended := int32(-1)
	if _, e := create(&Def{Name: "x", Root: "/", Datasets: "tank/a"}, &extended); e != errno.EBUSY || extended != int32(ExtUnknown) {
		t.Errorf("%v with %d", e, extended)
	}
}

// TestPrivileges makes each call without a full set of privileges. Those that change zones
// need it; those about links don't, although they change something.
func TestPrivileges(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	var sys Native
	id, err := sys.Create(&Def{Name: "privileges", Root: "/zones/privileges/root", Flags: CreateNetExcl})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(sys.Shutdown(id), sys.Destroy(id)); err != nil {
			t.Error(err)
		}
	}()
	all, err := priv.Own(priv.Effective)
	if err != nil {
		t.Fatal(err)
	}
	// One is enough: the kernel asks for a full set.
	if err := priv.Change(priv.Off, priv.Effective, priv.Of("sys_config")); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := priv.Change(priv.To, priv.Effective, all); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range []struct {
		name string
		call func() error
		want errno.Errno
	}{
		{"create", func() error { _, err := sys.Create(&Def{Name: "x", Root: "/zones/x/root"}); return err }, errno.EPERM},
		{"boot", func() error { return sys.Boot(id) }, errno.EPERM},
		{"shutdown", func() error { return sys.Shutdown(id) }, errno.EPERM},
		{"destroy", func() error { return sys.Destroy(id) }, errno.EPERM},
		{"enter", func() error { return sys.Enter(id) }, errno.EPERM},
		{"setattr", func() error { return sys.Setattr(id, AttrInitName, rawText("/x")) }, errno.EPERM},
		{"add a link", func() error { return sys.AddDatalink(id, 8) }, 0}, // the kernel asks for none
		{"remove a link", func() error { return sys.RemoveDatalink(id, 8) }, 0},
		{"getattr", func() error { _, err := NameOf(sys, id); return err }, 0},
		{"list", func() error { _, err := IDs(sys); return err }, 0},
		{"lookup", func() error { _, err := sys.Lookup("privileges"); return err }, 0},
		{"version", func() error { _, err := sys.Version(); return err }, 0},
		{"links", func() error { _, err := sys.ListDatalinks(id, nil); return err }, 0},
	} {
		if err := c.call(); ErrnoOf(err) != c.want {
			t.Errorf("%s: %v, not %v", c.name, err, c.want)
		}
	}
}
