package zoneadmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// withKinds returns the arguments of the state hook calls of one kind.
func withKinds(calls []string, kind string) (args []string) {
	for _, c := range calls {
		if rest, ok := strings.CutPrefix(c, kind+" "); ok {
			args = append(args, rest)
		}
	}
	return args
}

func TestSpecStateHooks(t *testing.T) {
	type hookCase struct {
		ID, Do string
		Given  struct {
			State    string
			Hook     string `json:"prestatechange text"` // with the zone and its path, as that of a stage
			Zonepath string
		}
		Expect struct {
			Pre  []string `json:"pre_hook_arguments"`
			Post []string `json:"post_hook_arguments"`
		}
	}
	for _, c := range spectest.Cases[hookCase](t, "cases-zoneadm.json", "state-hooks") {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			if c.Given.Hook != "" && c.Given.Hook != "/b/pre %z %R" || !slices.Contains([]string{"installed", "running"}, c.Given.State) {
				t.Fatalf("the test doesn't know what is given: %+v", c.Given)
			}
			s := newStage(t, "installed", "", "")
			s.start()
			if c.Given.State == "running" {
				s.ask(zone.CommandBoot, "")
				s.calls()
			}
			command := zone.CommandBoot
			if strings.HasPrefix(c.Do, "reboot") {
				command = zone.CommandReboot
			}
			if reply := s.ask(command, ""); reply.Result != 0 {
				t.Fatalf("%+v", reply)
			}
			calls := s.calls()
			if pre := withKinds(calls, "pre"); !slices.Equal(pre, c.Expect.Pre) {
				t.Errorf("pre %q, want %q", pre, c.Expect.Pre)
			}
			if post := withKinds(calls, "post"); !slices.Equal(post, c.Expect.Post) {
				t.Errorf("post %q, want %q", post, c.Expect.Post)
			}
			s.stateIs(zonecfg.Running)
		})
	}
}

// TestStates: every command in every state, with its text and the hooks that ran.
func TestStates(t *testing.T) {
	for _, test := range []struct {
		from    string // the state, or "incomplete"
		command zone.Command
		want    zone.CommandReply
		state   zonecfg.State
		hooks   string
	}{
		{"incomplete", zone.CommandBoot, zone.CommandReply{Result: -1, Text: "boot operation is invalid for zones in state 'incomplete'\n"}, zonecfg.Incomplete, ""},
		{"incomplete", zone.CommandForceBoot, zone.CommandReply{}, zonecfg.Running, "pre 2 0,post 2 0,pre 2 1,boot -,post 2 1"},
		{"incomplete", zone.CommandHalt, zone.CommandReply{Result: -1, Text: "halt operation is invalid for zones in state 'incomplete'\n"}, zonecfg.Incomplete, ""},
		{"installed", zone.CommandReady, zone.CommandReply{}, zonecfg.Ready, "pre 2 0,post 2 0"},
		{"installed", zone.CommandReboot, zone.CommandReply{Result: -1, Text: "reboot operation is invalid for zones in state 'installed'\n"}, zonecfg.Installed, ""},
		{"installed", zone.CommandHalt, zone.CommandReply{Text: "zone is already halted\n"}, zonecfg.Installed, ""},
		{"installed", zone.CommandShutdown, zone.CommandReply{Text: "zone is already halted\n"}, zonecfg.Installed, ""},
		{"installed", zone.CommandUnmount, zone.CommandReply{Text: "zone is already unmounted\n"}, zonecfg.Installed, ""},
		{"installed", zone.CommandMount, zone.CommandReply{}, zonecfg.Mounted, "pre 2 0,post 2 0"},
		{"installed", zone.CommandForceMount, zone.CommandReply{}, zonecfg.Mounted, "pre 2 0,post 2 0"},
		{"incomplete", zone.CommandMount, zone.CommandReply{Result: -1, Text: "mount operation is invalid for zones in state 'incomplete'\n"}, zonecfg.Incomplete, ""},
		{"incomplete", zone.CommandForceMount, zone.CommandReply{}, zonecfg.Mounted, "pre 2 0,post 2 0"},
		{"incomplete", zone.CommandUnmount, zone.CommandReply{Result: -1, Text: "unmount operation is invalid for zones in state 'incomplete'\n"}, zonecfg.Incomplete, ""},
		{"ready", zone.CommandMount, zone.CommandReply{Result: -1, Text: "mount operation is invalid for zones in state 'ready'\n"}, zonecfg.Ready, ""},
		{"ready", zone.CommandUnmount, zone.CommandReply{Result: -1, Text: "unmount operation is invalid for zones in state 'ready'\n"}, zonecfg.Ready, ""},
		{"mounted", zone.CommandUnmount, zone.CommandReply{}, zonecfg.Installed, "pre 7 4,halt -,post 7 4"},
		{"mounted", zone.CommandMount, zone.CommandReply{Result: -1, Text: "mount operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandForceMount, zone.CommandReply{Result: -1, Text: "forcemount operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandReady, zone.CommandReply{Result: -1, Text: "ready operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandBoot, zone.CommandReply{Result: -1, Text: "boot operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandForceBoot, zone.CommandReply{Result: -1, Text: "forceboot operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandReboot, zone.CommandReply{Result: -1, Text: "reboot operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandHalt, zone.CommandReply{Result: -1, Text: "halt operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandShutdown, zone.CommandReply{Result: -1, Text: "shutdown operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"mounted", zone.CommandNoteUninstalling, zone.CommandReply{Result: -1, Text: "note_uninstalling operation is invalid for zones in state 'mounted'\n"}, zonecfg.Mounted, ""},
		{"running", zone.CommandMount, zone.CommandReply{Result: -1, Text: "mount operation is invalid for zones in state 'running'\n"}, zonecfg.Running, ""},
		{"installed", zone.CommandNoteUninstalling, zone.CommandReply{Result: -1}, zonecfg.Installed, ""},
		{"ready", zone.CommandReady, zone.CommandReply{Text: "zone is already ready\n"}, zonecfg.Ready, ""},
		{"ready", zone.CommandBoot, zone.CommandReply{}, zonecfg.Running, "pre 3 1,boot -,post 3 1"},
		{"ready", zone.CommandReboot, zone.CommandReply{Result: -1, Text: "reboot operation is invalid for zones in state 'ready'\n"}, zonecfg.Ready, ""},
		{"ready", zone.CommandShutdown, zone.CommandReply{Result: -1, Text: "shutdown operation is invalid for zones in state 'ready'\n"}, zonecfg.Ready, ""},
		{"ready", zone.CommandHalt, zone.CommandReply{}, zonecfg.Installed, "pre 3 4,halt -,post 3 4"},
		{"running", zone.CommandReady, zone.CommandReply{}, zonecfg.Ready, "pre 4 4,halt -,post 4 4,pre 4 0,post 4 0"},
		{"running", zone.CommandBoot, zone.CommandReply{Text: "zone is already booted\n"}, zonecfg.Running, ""},
		{"running", zone.CommandForceBoot, zone.CommandReply{Text: "zone is already booted\n"}, zonecfg.Running, ""},
		{"running", zone.CommandHalt, zone.CommandReply{}, zonecfg.Installed, "pre 4 4,halt -,post 4 4"},
		{"running", zone.CommandUnmount, zone.CommandReply{Result: -1, Text: "unmount operation is invalid for zones in state 'running'\n"}, zonecfg.Running, ""},
		{"running", zone.CommandNoteUninstalling, zone.CommandReply{Result: -1, Text: "note_uninstalling operation is invalid for zones in state 'running'\n"}, zonecfg.Running, ""},
	} {
		t.Run(test.from+" "+test.command.String(), func(t *testing.T) {
			t.Parallel()
			index := "installed"
			if test.from == "incomplete" {
				index = test.from
			}
			s := newStage(t, index, "", "")
			s.start()
			switch test.from {
			case "ready":
				s.ask(zone.CommandReady, "")
			case "running":
				s.ask(zone.CommandBoot, "")
			case "mounted":
				s.ask(zone.CommandMount, "")
			}
			s.calls()
			if reply := s.ask(test.command, ""); reply != test.want {
				t.Errorf("%+v, want %+v", reply, test.want)
			}
			s.stateIs(test.state)
			if hooks := strings.Join(s.calls(), ","); hooks != test.hooks {
				t.Errorf("hooks %s, want %s", hooks, test.hooks)
			}
			snapshot := filepath.Join(s.root+s.run, "z1.snapshot.xml")
			if _, err := os.Stat(snapshot); (err == nil) != (test.state >= zonecfg.Ready) {
				t.Errorf("snapshot: %v", err)
			}
		})
	}
}

// TestFailures: what a failed step leaves behind, what it reports, and what the brand
// is told.
func TestFailures(t *testing.T) {
	for _, test := range []struct {
		name, fail string // the hook that fails
		do         func(*stage)
		from       zonecfg.State
		command    zone.Command
		text       string
		state      zonecfg.State
		hooks      string
	}{
		{"pre ready", "pre-0", nil, zonecfg.Installed, zone.CommandReady, "told by the hook\n", zonecfg.Installed, "pre 2 0"},
		{"post ready", "post-0", nil, zonecfg.Installed, zone.CommandReady, "told by the hook\n", zonecfg.Ready, "pre 2 0,post 2 0,post 3 4"},
		{"post ready of a boot", "post-0", nil, zonecfg.Installed, zone.CommandBoot, "told by the hook\n", zonecfg.Installed, "pre 2 0,post 2 0,post 3 4,pre 2 4,halt -,post 2 4"},
		{"post boot", "post-1", nil, zonecfg.Installed, zone.CommandBoot, "told by the hook\n", zonecfg.Installed, "pre 2 0,post 2 0,pre 2 1,boot -,post 2 1,post 4 4,pre 2 4,halt -,post 2 4"},
		{"pre halt", "pre-4", nil, zonecfg.Running, zone.CommandHalt, "told by the hook\n", zonecfg.Running, "pre 4 4"},
		{"privileges", "", func(s *stage) { s.configure(`limitpriv="default,sys_devices"`, "") }, zonecfg.Installed, zone.CommandBoot,
			"privilege \"sys_devices\" is not permitted within the zone's privilege set\n", zonecfg.Installed, "pre 2 0,post 3 4,pre 2 4"},
		{"rctl", "", func(s *stage) {
			s.configure("", `<rctl name="zone.max-lwps"><rctl-value priv="privileged" limit="x" action="deny"/></rctl>`)
		}, zonecfg.Installed, zone.CommandReady, "invalid rctl value: (priv=privileged,limit=x,action=deny)\nUnable to get list of rctls\n", zonecfg.Installed, "pre 2 0,post 3 4"},
		{"hostid", "", func(s *stage) { s.configure(`hostid="12 34"`, "") }, zonecfg.Installed, zone.CommandReady,
			"hostid property value \"12 34\" is not valid\n", zonecfg.Installed, "pre 2 0,post 3 4"},
		{"fs-allowed", "", func(s *stage) { s.configure(`fs-allowed="a,,b"`, "") }, zonecfg.Installed, zone.CommandReady,
			"fs-allowed property value \"a,,b\" is not valid\n", zonecfg.Installed, "pre 2 0,post 3 4"},
		{"mount point", "", func(s *stage) {
			s.configure("", `<filesystem special="/x" directory="/data" type="lofs"/>`)
			s.failing["/data"] = errPoint
		}, zonecfg.Installed, zone.CommandReady, "ROOT/data is a symlink\nROOT/data is not a valid mount point\n", zonecfg.Installed, "pre 2 0,halt -,post 3 4"},
		{"type", "", func(s *stage) { s.configure("", `<filesystem special="/x" directory="/data" type="nfs4"/>`) },
			zonecfg.Installed, zone.CommandReady, "cannot mount /x on ROOT/data: invalid file-system type nfs4\n", zonecfg.Installed, "pre 2 0,halt -,post 3 4"},
		{"path", "", func(s *stage) { s.configure("", `<filesystem special="/x" directory="/a/../b" type="lofs"/>`) },
			zonecfg.Installed, zone.CommandReady, "ROOT/a/../b is not a canonical path\nROOT/a/../b is not a valid mount point\n", zonecfg.Installed, "pre 2 0,halt -,post 3 4"},
		{"local mount", "", func(s *stage) { s.failing["/proc"] = errno.EBUSY }, zonecfg.Installed, zone.CommandBoot,
			"mount of /proc failed: Device busy\nunable to mount filesystems\n", zonecfg.Installed, "pre 2 0,post 2 0,pre 2 1,post 4 4,pre 2 4,halt -,post 2 4"},
		{"no init", "", func(s *stage) { os.Remove(s.root + "/z/z1/root/sbin/init") }, zonecfg.Installed, zone.CommandBoot,
			"could not stat ROOT/sbin/init: No such file or directory\n", zonecfg.Installed, "pre 2 0,post 2 0,pre 2 1,post 4 4,pre 2 4,halt -,post 2 4"},
		{"init", "", func(s *stage) { os.Chmod(s.root+"/z/z1/root/sbin/init", 0o644) }, zonecfg.Ready, zone.CommandBoot,
			"ROOT/sbin/init is not executable\n", zonecfg.Installed, "pre 3 1,post 4 4,pre 3 4,halt -,post 3 4"},
		{"zone_boot", "", func(s *stage) { s.host.FailInit(errno.ENOEXEC) }, zonecfg.Installed, zone.CommandBoot,
			"unable to boot zone: Exec format error\n", zonecfg.Installed, "pre 2 0,post 2 0,pre 2 1,boot -,post 4 4,pre 2 4,halt -,post 2 4"},
		{"processors", "", func(s *stage) { s.configure("", `<pset ncpu_min="1" ncpu_max="2"/>`) }, zonecfg.Installed, zone.CommandReady,
			"Could not enable pools facility: Operation not supported\ndedicated-cpu setting cannot be instantiated\n", zonecfg.Installed, "pre 2 0,post 3 4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", "")
			s.start()
			switch test.from {
			case zonecfg.Ready:
				s.ask(zone.CommandReady, "")
			case zonecfg.Running:
				s.ask(zone.CommandBoot, "")
			}
			s.calls()
			if test.do != nil {
				test.do(s)
			}
			if test.fail != "" {
				s.write(s.root+"/fail-"+test.fail, "", 0o644)
				defer os.Remove(s.root + "/fail-" + test.fail)
			}
			reply := s.ask(test.command, "")
			text := strings.ReplaceAll(reply.Text, s.root+"/z/z1/root", "ROOT")
			if reply.Result != -1 || text != test.text {
				t.Errorf("%d %q, want -1 %q", reply.Result, text, test.text)
			}
			s.stateIs(test.state)
			if hooks := strings.Join(s.calls(), ","); hooks != test.hooks {
				t.Errorf("hooks %s, want %s", hooks, test.hooks)
			}
			if test.fail != "" && !s.logged("logged by the hook") {
				t.Error("what the hook says on its standard error is lost")
			}
		})
	}
}

// TestWhoAsks: the checks made before a request is carried out.
func TestWhoAsks(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	s.ask(zone.CommandReady, "")
	kernel := door.Cred{Pid: kernelPid}
	halt := zone.CommandRequest{Command: zone.CommandHalt}
	raw, _ := halt.MarshalBinary()

	if reply, wake := s.d.handle(caller(), raw[:100]); reply.Result != -1 || wake || !s.logged("not 100") {
		t.Errorf("a request that is too short: %+v", reply)
	}
	inside := caller()
	inside.Inside = true
	if reply := s.askAs(inside, halt); reply != (zone.CommandReply{Result: -1}) || !s.logged("[zone 'z1'] insufficient privileges") {
		t.Errorf("from inside a zone (door-006): %+v", reply)
	}
	if reply := s.askAs(door.Cred{Pid: 7, UID: 4711}, halt); reply != (zone.CommandReply{Result: -1}) {
		t.Errorf("another user: %+v", reply)
	}
	none, some := priv.Basic(), priv.Of("sys_config")
	if reply := s.askAs(door.Cred{Pid: 7, Privileges: &none}, halt); reply != (zone.CommandReply{Result: -1}) {
		t.Errorf("root without the privilege: %+v", reply)
	}
	if reply := s.askAs(door.Cred{Pid: 7, Inside: true, Privileges: &some}, halt); reply != (zone.CommandReply{Result: -1}) {
		t.Errorf("a privileged process of a zone: %+v", reply)
	}
	if reply := s.askAs(door.Cred{Pid: 7, UID: 4711, Privileges: &some}, zone.CommandRequest{Command: zone.CommandReady}); reply.Result != 0 {
		t.Errorf("another user with the privilege: %+v", reply)
	}
	if reply := s.askAs(caller(), zone.CommandRequest{Command: 99}); reply != (zone.CommandReply{Result: -1}) || !s.logged("invalid command 99") {
		t.Errorf("no command: %+v", reply)
	}
	if reply := s.askAs(kernel, zone.CommandRequest{Command: zone.CommandBoot}); reply.Result != -1 || !s.logged("received unexpected kernel upcall 1") {
		t.Errorf("the kernel boots: %+v", reply)
	}
	if reply := s.askAs(kernel, zone.CommandRequest{Command: zone.CommandHalt, UniqID: 4711}); reply != (zone.CommandReply{}) {
		t.Errorf("about another zone (door-002): %+v", reply)
	}
	s.stateIs(zonecfg.Ready)
	id, _ := s.Lookup("z1")
	unique, err := zone.UniqIDOf(s.memory, id)
	if err != nil {
		t.Fatal(err)
	}
	if reply := s.askAs(kernel, zone.CommandRequest{Command: zone.CommandHalt, UniqID: unique}); reply != (zone.CommandReply{}) {
		t.Errorf("about this one: %+v", reply)
	}
	s.stateIs(zonecfg.Installed)
}

// TestKernelOfIllumos makes requests as process 0. On illumos that is the kernel; elsewhere it
// is a caller whose process ID can't be seen.
func TestKernelOfIllumos(t *testing.T) {
	for _, c := range []struct {
		host string
		want zonecfg.State // after a request to halt an earlier zone of this name
	}{{"illumos", zonecfg.Ready}, {"linux", zonecfg.Installed}} {
		t.Run(c.host, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", "")
			s.start()
			s.d.report = func() (zone.Report, error) { return zone.Report{Host: c.host}, nil }
			s.ask(zone.CommandReady, "")
			s.askAs(door.Cred{}, zone.CommandRequest{Command: zone.CommandHalt, UniqID: 4711})
			s.stateIs(c.want)
		})
	}
}

// TestReplyToKernel: the kernel gets the result only, also of a request that fails. A long
// reply would cost illumos memory that it never frees.
func TestReplyToKernel(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	s.ask(zone.CommandReady, "")
	s.write(s.root+"/fail-pre-4", "", 0o644)
	id, err := s.Lookup("z1")
	if err != nil {
		t.Fatal(err)
	}
	unique, err := zone.UniqIDOf(s.memory, id)
	if err != nil {
		t.Fatal(err)
	}
	r := zone.CommandRequest{Command: zone.CommandHalt, UniqID: unique, Trace: true}
	if reply := s.whole(door.Cred{Pid: kernelPid}, r); reply != (zone.CommandReply{Result: -1}) {
		t.Errorf("%+v", reply)
	}
	if !s.logged("logged by the hook") {
		t.Error("the reason is not in the log")
	}
}

// TestOneShutdown: a second shutdown while one waits is refused immediately
// (door-005), and the first one's wait doesn't keep others from halting the zone.
func TestOneShutdown(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	s.connect("IDENT 400 C 0\n").expect("OK\n") // keeps the daemon running
	s.ask(zone.CommandBoot, "")
	s.d.requests.Lock()
	s.d.shuttingDown = true
	s.d.requests.Unlock()
	want := zone.CommandReply{Result: -1, Text: "shutdown already in progress\n"}
	if reply := s.ask(zone.CommandShutdown, ""); reply != want {
		t.Errorf("%+v", reply)
	}
	s.d.requests.Lock()
	s.d.shuttingDown = false
	waited := make(chan bool)
	go func() {
		s.d.requests.Lock()
		defer s.d.requests.Unlock()
		waited <- s.d.waitHalted(farAway())
	}()
	s.d.requests.Unlock()
	if reply := s.ask(zone.CommandHalt, ""); reply.Result != 0 {
		t.Errorf("%+v", reply)
	}
	if !<-waited {
		t.Error("the shutdown did not see the zone halted")
	}
	// No process runs here that could be asked to shut down.
	s.ask(zone.CommandBoot, "")
	if reply := s.ask(zone.CommandShutdown, ""); reply.Result != -1 || reply.Text != "unable to shutdown zone\n" {
		t.Errorf("%+v", reply)
	}
}

// TestMade: what the kernel is given for a configuration.
func TestMade(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", `hostid="0x1234abcd" fs-allowed="ufs" bootargs="-m verbose" limitpriv="default,proc_clock_highres"`, `
<filesystem special="/b" directory="/data/b" type="lofs"><fsoption name="ro"/><fsoption name="nodevices"/></filesystem>
<filesystem special="/a" directory="/data" type="lofs"/>
<rctl name="zone.max-processes"><rctl-value priv="privileged" limit="100" action="deny"/></rctl>
<rctl name="zone.no-such"><rctl-value priv="privileged" limit="1" action="deny"/></rctl>
<rctl name="zone.cpu-shares"><rctl-value priv="privileged" limit="20" action="none"/></rctl>`)
	s.start()
	reply := s.ask(zone.CommandBoot, "")
	if reply.Result != 0 || !strings.HasPrefix(reply.Text, "WARNING: The zone.cpu-shares rctl is set but\n") {
		t.Fatalf("%+v", reply)
	}
	id, err := s.Lookup("z1")
	if err != nil {
		t.Fatal(err)
	}
	text := func(attr zone.Attr) string {
		buf := make([]byte, 1024)
		n, err := s.Getattr(id, attr, buf)
		if err != nil {
			t.Errorf("attribute %d: %v", attr, err)
		}
		return strings.TrimRight(string(buf[:n]), "\x00")
	}
	for attr, want := range map[zone.Attr]string{
		zone.AttrInitName: "/sbin/init", zone.AttrBootArgs: " -m verbose", zone.AttrSchedClass: "FSS",
		zone.AttrFSAllowed: "ufs,hsfs,smbfs,nfs,nfs3,nfs4,nfsdyn",
		zone.AttrRoot:      s.root + "/z/z1/root",
	} {
		if got := text(attr); got != want {
			t.Errorf("attribute %d is %q, want %q", attr, got, want)
		}
	}
	if points := s.points(); len(points) < 4 || !slices.Equal(points[:3], []string{"/data", "/data/b", "/dev"}) {
		t.Errorf("mounted on %q", points)
	}
	s.mu.Lock()
	if m := s.mounts[2]; m.Options != "attrdir="+s.root+"/z/z1/root/dev" || !m.MakePoint {
		t.Errorf("/dev: %+v", m)
	}
	s.mu.Unlock()
	index, _ := os.ReadFile(s.root + "/z/z1/root/etc/zones/index")
	if string(index) != "z1:installed:/:\n" {
		t.Errorf("the zone's own index: %q", index)
	}
	// rctl-001 and rctl-002: the one follows from the other.
	config, err := s.d.Store.LoadSnapshot("z1")
	if err != nil {
		t.Fatal(err)
	}
	set, unknown, err := config.Rctls()
	if err != nil || set.Values("zone.max-lwps")[0] != rctl.Limited(1000, rctl.Deny) || !slices.Equal(unknown, []string{"zone.no-such"}) {
		t.Errorf("%v, %v, %v", set, unknown, err)
	}
	// The configuration that applies is that of the last time it was made ready.
	s.configure(`bootargs="-s"`, "")
	if reply := s.ask(zone.CommandReboot, ""); reply.Result != 0 || reply.Text != "" {
		t.Errorf("%+v", reply)
	}
	if id, err = s.Lookup("z1"); err != nil || text(zone.AttrBootArgs) != " -s " {
		t.Errorf("after the reboot: %q", text(zone.AttrBootArgs))
	}
	if reply := s.ask(zone.CommandReboot, "-m one two"); reply.Result != 0 || reply.Text != "WARNING: Unused or invalid boot arguments `two'.\n" {
		t.Errorf("%+v", reply)
	}
	if id, err = s.Lookup("z1"); err != nil || text(zone.AttrBootArgs) != " -m one" {
		t.Errorf("after the second: %q", text(zone.AttrBootArgs))
	}
}
