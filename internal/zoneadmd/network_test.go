package zoneadmd

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

func TestShared(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", `
<network address="10.1.2.3/24" physical="net0"/>
<network address="fe80::1/10" physical="net0"/>
<network address="10.9.9.9" physical="net0"/>
<network address="10.1.2.4/24" physical="none0"/>`)
	s.host.AddLink("net0")
	s.start()
	want := zone.CommandReply{Text: "WARNING: net0: no matching subnet found in netmasks(5): 10.9.9.9; using default of 255.0.0.0.\n"}
	if reply := s.ask(zone.CommandReady, ""); reply != want {
		t.Errorf("%+v", reply)
	}
	if want := []string{"net0 10.1.2.3/24", "net0 fe80::1/10", "net0 10.9.9.9/8"}; !slices.Equal(s.addresses, want) {
		t.Errorf("addresses %q", s.addresses)
	}
	if !s.logged("[zone 'z1'] WARNING: skipping network interface 'none0' which may not be present/plumbed in the global zone.") {
		t.Error("the interface that isn't there is passed over in silence")
	}
}

// TestLoopback: on illumos a zone that shares the network stack gets its own loopback
// addresses. They are taken away when it is halted.
func TestLoopback(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.host.AddLink("lo0")
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	s.d.report = func() (zone.Report, error) { return zone.Report{Host: "illumos"}, nil }
	s.ask(zone.CommandReady, "")
	if want := []string{"lo0 127.0.0.1/8", "lo0 ::1/128"}; !slices.Equal(s.addresses, want) {
		t.Errorf("addresses %q", s.addresses)
	}
	s.failing["network"] = errno.EPERM
	if reply := s.ask(zone.CommandHalt, ""); reply.Result != -1 || reply.Text != "unable to unconfigure network interfaces in zone\nunable to destroy zone\n" {
		t.Errorf("%+v", reply)
	}
	delete(s.failing, "network")
	s.failing["connections"] = errno.EPERM
	if reply := s.ask(zone.CommandHalt, ""); reply.Result != -1 || !strings.HasPrefix(reply.Text, "unable to abort TCP connections: ") {
		t.Errorf("%+v", reply)
	}
	delete(s.failing, "connections")
	s.failing["protection"] = errno.EPERM // which doesn't keep the zone from being halted
	if reply := s.ask(zone.CommandHalt, ""); reply.Result != 0 || reply.Text != "unable to clear datalink protect property\n" || len(s.addresses) != 0 {
		t.Errorf("%+v, addresses %q", reply, s.addresses)
	}
}

// TestOwnLinks: a zone's own links are loaded before it boots, and unloaded when it doesn't or
// when it is halted.
func TestOwnLinks(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	s.ask(zone.CommandReady, "")
	set := func(what string, err error) {
		s.memory.mu.Lock()
		defer s.memory.mu.Unlock()
		s.failing[what] = err
	}
	loaded := func(want int, when string) {
		s.Helper()
		s.memory.mu.Lock()
		defer s.memory.mu.Unlock()
		if s.loaded != want {
			t.Errorf("%s: the links are loaded %d times", when, s.loaded)
		}
		s.loaded = 0
	}
	set("load", errno.EPERM)
	if reply := s.ask(zone.CommandBoot, ""); reply.Result != -1 || reply.Text != "unable to load zone datalinks:  Not owner\n" {
		t.Errorf("%+v", reply)
	}
	set("load", nil)
	s.memory.mu.Lock()
	s.loaded = 0
	s.memory.mu.Unlock()
	if reply := s.ask(zone.CommandReady, ""); reply.Result != 0 {
		t.Errorf("%+v", reply)
	}
	set("zone_boot", errno.EINVAL)
	loaded(0, "ready")
	if reply := s.ask(zone.CommandBoot, ""); reply.Result != -1 {
		t.Errorf("%+v", reply)
	}
	set("zone_boot", nil)
	s.ask(zone.CommandHalt, "")
	s.memory.mu.Lock()
	s.loaded = 0
	s.memory.mu.Unlock()
	if reply := s.ask(zone.CommandBoot, ""); reply.Result != 0 {
		t.Errorf("%+v", reply)
	}
	loaded(1, "running")
	set("unload", errno.EPERM) // which doesn't keep the zone from being halted
	if reply := s.ask(zone.CommandHalt, ""); reply.Result != 0 || reply.Text != "unable to notify dlmgmtd of zone halt: Not owner\n" {
		t.Errorf("%+v", reply)
	}
	loaded(-1, "halted")
}

// TestRoutes: on illumos the default router of a zone that shares the network stack is set on
// its interface.
func TestRoutes(t *testing.T) { // not parallel: it replaces the program
	s := newStage(t, "installed", "", `
<network address="10.1.2.3/24" physical="net0" defrouter="10.1.2.1"/>
<network address="10.1.3.3/24" physical="net1" defrouter="10.1.3.1"/>
<network address="10.1.4.3/24" physical="net2" defrouter="10.1.4.1"/>
<network address="10.1.5.3/24" physical="net3"/>`)
	for _, link := range []string{"lo0", "net0", "net1", "net2", "net3"} {
		s.host.AddLink(link)
	}
	real := routeProgram
	t.Cleanup(func() { routeProgram = real })
	routeProgram = s.root + "/route"
	s.write(routeProgram, "#!/bin/sh\necho \"$*\" >>"+s.root+"/routes\ncase \"$3\" in net1) exit 17 ;; net2) exit 1 ;; esac\n", 0o755) // EEXIST is 17
	s.start()
	s.d.report = func() (zone.Report, error) { return zone.Report{Host: "illumos"}, nil }
	if reply := s.ask(zone.CommandReady, ""); reply.Result != 0 || reply.Text != "Unable to set route for interface net2 to 10.1.4.1\n" {
		t.Errorf("%+v", reply)
	}
	want := "add -ifp net0 default 10.1.2.1\nadd -ifp net1 default 10.1.3.1\nadd -ifp net2 default 10.1.4.1\n"
	if got := string(read(t, s.root+"/routes")); got != want {
		t.Errorf("route was called with %q", got)
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", `<network address="10.1.2.3/24" physical="net0"/>`)
	s.host.AddLink("net0")
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	s.addresses = []string{"net0 10.1.2.3/24"}
	want := "net0: could not bring network interface up: File exists\n"
	if reply := s.ask(zone.CommandReady, ""); reply.Result != -1 || reply.Text != want {
		t.Errorf("%+v", reply)
	}
	// Another active zone has the address.
	if _, err := s.Create(&zone.Def{Name: "z2", Root: "/z/z2/root"}); err != nil {
		t.Fatal(err)
	}
	s.write(s.d.Store.SnapshotPath("z2"), strings.ReplaceAll(string(read(t, s.root+"/etc/zones/z1.xml")), `"z1"`, `"z2"`), 0o644)
	for number, text := range map[errno.Errno]string{errno.EEXIST: "File exists", errno.EADDRNOTAVAIL: "Cannot assign requested address"} {
		s.taken, s.addresses = number, []string{"net0 10.1.2.3/24"}
		want = "net0: could not bring network interface up: address in use by zone 'z2': " + text + "\n"
		if reply := s.ask(zone.CommandReady, ""); reply.Result != -1 || reply.Text != want {
			t.Errorf("%+v", reply)
		}
	}
}

// holders is a kernel that knows whose an address is.
type holders struct {
	*memory
	name string
	err  error
}

func (h *holders) AddressHolder(netip.Addr) (string, error) { return h.name, h.err }

// TestAddressHolder: the kernel's word counts, where it has one.
func TestAddressHolder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder string
		err    error
		want   string
	}{
		"known":   {"global", nil, "address in use by zone 'global': "},
		"unknown": {"", errno.ENOENT, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", `<network address="10.1.2.3/24" physical="net0"/>`)
			s.host.AddLink("net0")
			s.kernel = &holders{s.memory, test.holder, test.err}
			s.start()
			s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
			s.addresses = []string{"net0 10.1.2.3/24"}
			if reply := s.ask(zone.CommandReady, ""); reply.Text != "net0: could not bring network interface up: "+test.want+"File exists\n" {
				t.Errorf("%+v", reply)
			}
		})
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestExclusive(t *testing.T) {
	t.Parallel()
	// The resources of one link are joined.
	const config = `<network allowed-address="10.1.2.3,fe80::1" defrouter="10.1.2.1" physical="net0"/><network physical="net0"/>
<network allowed-address="2001:db8::2,192.0.2.1/30" defrouter="192.0.2.2" physical="net0"/>`
	s := newStage(t, "installed", `ip-type="exclusive" limitpriv="default,sys_ip_config"`, config)
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	if reply := s.ask(zone.CommandReady, ""); reply.Text != "net0: No such device or address\nfailed to add network device\n" {
		t.Errorf("%+v", reply)
	}
	link := s.host.AddLink("net0")
	if reply := s.ask(zone.CommandReady, ""); reply != (zone.CommandReply{}) {
		t.Fatalf("%+v", reply)
	}
	id, _ := s.Lookup("z1")
	if owner, err := s.CheckDatalink(zone.AllZones, link); owner != id || err != nil {
		t.Errorf("the link is zone %d's, %v", owner, err)
	}
	get := func(kind uint32) []byte {
		const head, room = 12, 256 // of a zone_net_data_t
		raw := binary.LittleEndian.AppendUint32(nil, kind)
		raw = binary.LittleEndian.AppendUint32(raw, room)
		raw = binary.LittleEndian.AppendUint32(raw, uint32(link))
		raw = append(raw, make([]byte, room)...)
		if _, err := s.Getattr(id, zone.AttrNetwork, raw); err != nil {
			t.Fatal(err)
		}
		return raw[head:][:binary.LittleEndian.Uint32(raw[4:])]
	}
	if got := string(get(zone.NetAddress)); got != "10.1.2.3/8,fe80::1/10,2001:db8::2/64,192.0.2.1/30\x00" {
		t.Errorf("addresses %q", got)
	}
	router, second := netip.MustParseAddr("::ffff:10.1.2.1").As16(), netip.MustParseAddr("::ffff:192.0.2.2").As16()
	if got := get(zone.NetDefRouter); !slices.Equal(got, append(router[:], second[:]...)) {
		t.Errorf("routers %v", got)
	}
}

func TestNetmasks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "netmasks")
	if err := os.WriteFile(file, []byte("# comment\n10.0.0.0 255.255.0.0\n10.0.0.0\t255.255.255.0 # narrower\nbad\n192.168.0.0 no\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		addr  string
		bits  int
		found bool
	}{{"10.0.0.9", 24, true}, {"10.0.7.9", 16, true}, {"10.1.0.9", 8, false}, {"172.16.0.1", 16, false}, {"192.168.0.1", 24, false}} {
		if bits, found := netmask(file, netip.MustParseAddr(test.addr)); bits != test.bits || found != test.found {
			t.Errorf("%s: %d, %v", test.addr, bits, found)
		}
	}
	if _, err := allowed("no name"); zone.ErrnoOf(err) != errno.EINVAL {
		t.Error(err)
	}
}

// TestAllowedNames: an allowed-address may be a name.
func TestAllowedNames(t *testing.T) {
	t.Parallel()
	_, err := net.LookupIP("localhost")
	testenv.Need(t, testenv.Given("the name localhost", err))
	for text, want := range map[string]string{"localhost/24": "127.0.0.1/24", "localhost": "127.0.0.1/8"} {
		if got, err := allowed(text); err != nil || got.String() != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
}
