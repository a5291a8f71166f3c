package zoneadmd

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// memory is a kernel in this process whose zones run no processes.
type memory struct {
	*kernel.Local
	host *sim.Host
	pid  int // process ID of the kernel as callers see it

	mu      sync.Mutex // guards mounts
	mounts  []zone.Mount
	failing map[string]error // errors of mounts by mount point, and of zone_create and zone_boot

	addresses []string    // "link prefix", guarded by mu
	taken     errno.Errno // of an address that exists; EEXIST if it isn't set

	loaded int // calls of LoadLinks less those of UnloadLinks, guarded by mu

	setattr func(zone.Attr, []byte) error // called for each attribute that is set; may be nil
}

var _ zone.Kernel = (*memory)(nil)

// fastClock is a hundred times as fast as the host's: the kernel waits a second before
// it kills the processes of a zone.
type fastClock struct{ boot time.Time }

func (c fastClock) Ticks() int64   { return int64(time.Since(c.boot) / (time.Millisecond / 10)) }
func (c fastClock) Seconds() int64 { return time.Now().Unix() }
func (c fastClock) AfterTicks(ticks int64, f func()) kernel.Timer {
	return fastTimer{time.AfterFunc(time.Duration(ticks)*time.Millisecond/10, f)}
}

type fastTimer struct{ *time.Timer }

func (t fastTimer) Stop() { t.Timer.Stop() }

func newMemory(t *testing.T) *memory {
	t.Helper()
	h := sim.New()
	k, err := kernel.New(kernel.Config{Host: h, Clock: fastClock{time.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return &memory{Local: k.Global().Local(), host: h, failing: map[string]error{}}
}

// Make and BootWith run their steps through this kernel's own calls.
func (m *memory) Make(def *zone.Definition) (*zone.Outcome, error) {
	if err := m.failing["zone_create"]; err != nil {
		return &zone.Outcome{ID: -1}, err
	}
	return zone.Make(m, def)
}

func (m *memory) Boot(id zone.ID) error {
	if err := m.failing["zone_boot"]; err != nil {
		return err
	}
	return m.Local.Boot(id)
}

func (m *memory) Setattr(id zone.ID, attr zone.Attr, value []byte) error {
	if m.setattr != nil {
		if err := m.setattr(attr, value); err != nil {
			return err
		}
	}
	return m.Local.Setattr(id, attr, value)
}

func (m *memory) BootWith(id zone.ID, steps []zone.Step) (*zone.Outcome, error) {
	return zone.BootWith(m, id, steps)
}

func (m *memory) MountAll(id zone.ID, mounts []zone.Mount) (done int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, mount := range mounts {
		if err := m.failing[mount.Point]; err != nil {
			return done, err
		}
		m.mounts = append(m.mounts, mount)
		mount.MakePoint = false
		if _, err := m.Local.MountAll(id, []zone.Mount{mount}); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (m *memory) points() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var points []string
	for _, mount := range m.mounts {
		points = append(points, mount.Point)
	}
	return points
}

func (m *memory) SetAddress(id zone.ID, link, prefix string, add bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Contains(m.addresses, link+" "+prefix) {
		return &zone.Error{Op: "set address", Name: link, Errno: cmp.Or(m.taken, errno.EEXIST)}
	}
	if err := m.Local.SetAddress(id, link, prefix, add); err != nil {
		return err
	}
	m.addresses = append(m.addresses, link+" "+prefix)
	return nil
}

// RemoveNetwork does what illumos' kernel has to be told.
func (m *memory) RemoveNetwork(zone.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.failing["network"]; err != nil {
		return err
	}
	m.addresses = nil
	return nil
}

// AbortConnections fails if the test says so.
func (m *memory) AbortConnections(zone.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failing["connections"]
}

// LoadLinks and UnloadLinks fail if the test says so, and are counted.
func (m *memory) LoadLinks(zone.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loaded++
	return m.failing["load"]
}

func (m *memory) UnloadLinks(zone.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loaded--
	return m.failing["unload"]
}

// Unprotect fails if the test says so.
func (m *memory) Unprotect(zone.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failing["protection"]
}

func (m *memory) Report() (zone.Report, error) { return zone.Report{Host: "sim", PID: m.pid}, nil }
func (m *memory) Close() error                 { return nil }

// kernelPid is the process ID from which requests are the kernel's in these tests.
const kernelPid = 1 << 22

// stage is a zone of brand "staged" and its daemon, in a directory of its own. The
// brand's hooks record how they were called.
type stage struct {
	*testing.T
	*memory
	kernel    zone.Kernel // of the daemon; nil is memory
	root, run string
	caller    *door.Conn // of the next daemon that is started
	d         *Daemon
	ended     chan struct{} // closed when Run has returned
	logMu     sync.Mutex
	log       []string
}

const brandFiles = "/brands/staged"

// newStage makes the zone with the given attributes and elements added to its XML.
func newStage(t *testing.T, state, attributes, elements string) *stage {
	t.Helper()
	s := &stage{T: t, memory: newMemory(t), root: t.TempDir()}
	s.pid = kernelPid
	s.run = s.root + "/run"
	script := s.root + "/hook"
	hook := "/bin/sh " + script // a file just written may be busy while others fork
	s.write(script, "echo \"$*\" >>"+s.root+"/calls\n[ ! -e "+s.root+"/fail-\"$1-$5\" ] || { echo told by the hook; echo logged by the hook >&2; exit 3; }\n", 0o755)
	s.write(s.root+brandFiles+"/config.xml", `<?xml version="1.0"?>
<!DOCTYPE brand PUBLIC "-//Sun Microsystems Inc//DTD Brands//EN" "file:///usr/share/lib/xml/dtd/brand.dtd.1">
<brand name="staged">
 <modname></modname>
 <initname>/sbin/init</initname>
 <restartinit>false</restartinit>
 <boot>`+hook+` boot %z %R -</boot>
 <halt>`+hook+` halt %z %R -</halt>
 <shutdown></shutdown>
 <prestatechange>`+hook+` pre %z %R</prestatechange>
 <poststatechange>`+hook+` post %z %R</poststatechange>
 <privilege set="default" name="sys_mount"/>
 <privilege set="required" name="sys_mount"/>
 <privilege set="prohibited" name="sys_devices"/>
</brand>
`, 0o644)
	s.write(s.root+brandFiles+"/platform.xml", `<?xml version="1.0"?>
<!DOCTYPE platform PUBLIC "-//Sun Microsystems Inc//DTD Zones Platform//EN" "file:///usr/share/lib/xml/dtd/zone_platform.dtd.1">
<platform name="staged">
 <global_mount special="/dev" directory="/dev" opt="attrdir=%R/root/dev" type="dev"/>
 <mount special="proc" directory="/proc" type="proc"/>
</platform>
`, 0o644)
	s.write(s.root+"/etc/zones/SUNWdefault.xml", `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="default" zonepath="" autoboot="false" brand="staged"/>
`, 0o644)
	s.write(s.root+"/etc/zones/index", "global:installed:/:\nz1:"+state+":/z/z1:\n", 0o644)
	s.configure(attributes, elements)
	s.write(s.root+"/z/z1/root/sbin/init", "#!/bin/sh\n", 0o755)
	return s
}

func (s *stage) configure(attributes, elements string) {
	s.write(s.root+"/etc/zones/z1.xml", `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="z1" zonepath="/z/z1" autoboot="false" brand="staged" `+attributes+`>`+elements+`</zone>
`, 0o644)
}

func (s *stage) write(path, text string, mode os.FileMode) {
	s.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) config(name string) Config {
	var kernel zone.Kernel = s.memory
	if s.kernel != nil {
		kernel = s.kernel
	}
	return Config{
		Zone: name, Kernel: kernel, Store: zonecfg.Open(s.root, s.run), RunDir: s.run, BrandDir: s.root + "/brands",
		Log: func(line string) {
			s.logMu.Lock()
			defer s.logMu.Unlock()
			s.log = append(s.log, line)
		},
	}
}

// start starts the daemon; it is stopped at the end of the test.
func (s *stage) start() {
	s.Helper()
	c := s.config("z1")
	c.Caller, s.caller = s.caller, nil
	d, err := Start(c)
	if err != nil {
		s.Fatal(err)
	}
	s.d = d
	ended := make(chan struct{})
	s.ended = ended
	go func() {
		d.Run()
		close(ended)
	}()
	s.Cleanup(func() {
		// An active zone would keep the daemon running.
		d.requests.Lock()
		if id, err := s.Lookup("z1"); err == nil {
			s.Shutdown(id)
			s.Destroy(id)
		}
		d.requests.Unlock()
		d.events.put(event{kind: eventKernelGone})
		<-ended
	})
}

func (s *stage) logged(text string) bool {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return slices.ContainsFunc(s.log, func(line string) bool { return strings.Contains(line, text) })
}

// caller returns the credentials of an authorized process.
func caller() door.Cred {
	return door.Cred{Pid: int32(os.Getpid()), UID: uint32(os.Geteuid())}
}

// ask makes a request as the door does, without the door. It returns only the fields
// that other daemons fill in too.
func (s *stage) ask(c zone.Command, args string) zone.CommandReply {
	s.Helper()
	return s.askAs(caller(), zone.CommandRequest{Command: c, BootArgs: args, Locale: "C"})
}

func (s *stage) askAs(who door.Cred, r zone.CommandRequest) zone.CommandReply {
	s.Helper()
	return plain(s.whole(who, r))
}

// plain returns a reply with only its result and text.
func plain(reply zone.CommandReply) zone.CommandReply {
	return zone.CommandReply{Result: reply.Result, Text: reply.Text}
}

// whole is ask for a given caller, with all fields that this daemon fills in.
func (s *stage) whole(who door.Cred, r zone.CommandRequest) zone.CommandReply {
	s.Helper()
	raw, err := r.MarshalBinary()
	if err != nil {
		s.Fatal(err)
	}
	reply, _ := s.d.handle(who, raw)
	if reply == nil {
		return zone.CommandReply{Result: -2, Text: "going away"}
	}
	return *reply
}

// calls returns the hook calls since the last call, such as "pre 2 0".
func (s *stage) calls() []string {
	text, _ := os.ReadFile(s.root + "/calls")
	os.Remove(s.root + "/calls")
	var calls []string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if f := strings.Fields(line); len(f) >= 3 {
			calls = append(calls, strings.Join(append(f[:1:1], f[3:]...), " "))
		}
	}
	return calls
}

func (s *stage) stateIs(want zonecfg.State) {
	s.Helper()
	if state, err := s.d.state(); err != nil || state != want {
		s.Errorf("zone is %v, %v; want %v", state, err, want)
	}
}

var errPoint = &zone.Error{Op: zone.OpMountPoint, Name: "/data", Errno: errno.ELOOP}
