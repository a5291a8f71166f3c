package kernelrpc

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// machine is a host in memory whose zones have programs, and whose calls fail as a test
// wants it: by the name of the method, and what it is about ("Mount /b", "CreateZone").
type machine struct {
	*sim.Host
	notify func(host.Exit)

	mu      sync.Mutex // guards what follows; no other lock is taken under it
	fails   map[string]error
	lastPid int32
	running map[host.ZoneKey]map[int32]*program
	// creating, when not nil, is received from twice: when the kernel wants a zone to be
	// created, and before that succeeds.
	creating chan struct{}
}

// firstPid is below the numbers that the kernel gives to processes of its own.
const firstPid = 100

func newMachine() *machine {
	m := &machine{Host: sim.New(), fails: map[string]error{}, lastPid: firstPid, running: map[host.ZoneKey]map[int32]*program{}}
	m.AddLink("net0")
	m.AddLink("net1")
	return m
}

// clock is a time that stands still.
type clock struct{}

func (clock) Ticks() int64   { return 7 }
func (clock) Seconds() int64 { return 1700000000 }
func (clock) AfterTicks(ticks int64, f func()) kernel.Timer {
	return timer{time.AfterFunc(time.Duration(ticks)*time.Second/kernel.Hz, f)}
}

type timer struct{ *time.Timer }

func (t timer) Stop() { t.Timer.Stop() }

// newKernel returns a kernel on the machine, which behaves the same every time.
func newKernel(t testing.TB, m *machine) *kernel.Kernel {
	t.Helper()
	k, err := kernel.New(kernel.Config{Host: m, Clock: clock{}, Nodename: "here", FirstPid: 10000, Brands: []*kernel.Brand{{Name: "lx"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func (m *machine) fail(call string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails[call] = err
}

func (m *machine) failure(call string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fails[call]
}

func (m *machine) Notify(f func(host.Exit)) { m.notify = f }

func (m *machine) Resolve(path string) (string, error) {
	if err := m.failure("Resolve"); err != nil {
		return "", err
	}
	return m.Host.Resolve(path)
}

func (m *machine) CreateZone(*host.Spec) (int32, error) {
	m.mu.Lock()
	creating := m.creating
	m.mu.Unlock()
	if creating != nil {
		<-creating
		<-creating
	}
	if err := m.failure("CreateZone"); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastPid++
	return m.lastPid, nil
}

func (m *machine) StartInit(key host.ZoneKey, init *host.Init) (int32, error) {
	if err := m.failure("StartInit"); err != nil {
		return 0, err
	}
	return m.start(key).pid, nil
}

func (m *machine) Mount(key host.ZoneKey, mounts []host.Mount) (done int, err error) {
	for _, mount := range mounts {
		if err := m.failure("Mount " + mount.Point); err != nil {
			return done, err
		}
		if _, err := m.Host.Mount(key, []host.Mount{mount}); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (m *machine) Unmount(key host.ZoneKey, point string, force bool) error {
	if err := m.failure("Unmount"); err != nil {
		return err
	}
	return m.Host.Unmount(key, point, force)
}

func (m *machine) SetAttr(key host.ZoneKey, attr zone.Attr, value []byte) error {
	return m.failure(fmt.Sprint("SetAttr ", attr))
}

func (m *machine) LinkByName(name string) (zone.LinkID, error) {
	if err := m.failure("LinkByName"); err != nil {
		return 0, err
	}
	return m.Host.LinkByName(name)
}

func (m *machine) LinkName(id zone.LinkID) (string, error) {
	if err := m.failure("LinkName"); err != nil {
		return "", err
	}
	return m.Host.LinkName(id)
}

func (m *machine) MoveLink(id zone.LinkID, from, to host.ZoneKey) error {
	return m.failure("MoveLink")
}

func (m *machine) SetAddress(key host.ZoneKey, link, prefix string, add bool) error {
	if err := m.failure("SetAddress"); err != nil {
		return err
	}
	return m.Host.SetAddress(key, link, prefix, add)
}

func (m *machine) KillAll(key host.ZoneKey) error {
	m.mu.Lock()
	programs := m.running[key]
	m.mu.Unlock()
	for _, p := range programs {
		p.exit(zone.ExitStatus{Signal: int(syscall.SIGKILL)})
	}
	m.notify(host.Exit{Key: key, Last: true})
	return nil
}

// Start runs one of two programs: /bin/say says on its output, or its terminal, what it
// was given, and exits with 3; /bin/wait waits for a signal.
func (m *machine) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	if err := m.failure("Start"); err != nil {
		return nil, err
	}
	if cmd.Path != "/bin/say" && cmd.Path != "/bin/wait" {
		return nil, &zone.Error{Op: "execve", Name: cmd.Path, Errno: errno.ENOENT}
	}
	p := m.start(key)
	if cmd.Path == "/bin/wait" {
		return p, nil
	}
	out := cmd.Stdout
	if cmd.Pty {
		manager, terminal, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer terminal.Close()
		p.pty, out = manager, terminal
	}
	var in []byte
	if cmd.Stdin != nil {
		in, _ = io.ReadAll(cmd.Stdin)
	}
	if out != nil {
		fmt.Fprintf(out, "%q %q %q in %q as %d:%d %v, read %q, like %v, errors %v, controlling %v\n", cmd.Path, cmd.Args, cmd.Env, cmd.Dir,
			cmd.UID, cmd.GID, cmd.Groups, in, cmd.Like != nil, cmd.Stderr != nil, cmd.Controlling)
	}
	go p.exit(zone.ExitStatus{Code: 3})
	return p, nil
}

// program is a program in a zone of the machine.
type program struct {
	machine *machine
	key     host.ZoneKey
	pid     int32
	pty     *os.File
	once    sync.Once
	exited  chan struct{}
	status  zone.ExitStatus // once exited is closed
	close   func()          // ends Wait
	closed  <-chan struct{}
}

func (m *machine) start(key host.ZoneKey) *program {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastPid++
	p := &program{machine: m, key: key, pid: m.lastPid, exited: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	p.close, p.closed = cancel, ctx.Done()
	if m.running[key] == nil {
		m.running[key] = map[int32]*program{}
	}
	m.running[key][p.pid] = p
	return p
}

func (p *program) exit(status zone.ExitStatus) {
	p.once.Do(func() {
		m := p.machine
		m.mu.Lock()
		delete(m.running[p.key], p.pid)
		m.mu.Unlock()
		p.status = status
		close(p.exited)
		m.notify(host.Exit{Key: p.key, Pid: p.pid, Status: status})
	})
}

func (p *program) Pid() int      { return int(p.pid) }
func (p *program) Pty() *os.File { return p.pty }

func (p *program) Close() error {
	p.close()
	return nil
}

func (p *program) Wait() (zone.ExitStatus, error) {
	select {
	case <-p.exited:
		return p.status, nil
	case <-p.closed:
		return zone.ExitStatus{}, os.ErrClosed
	}
}

func (p *program) Signal(sig os.Signal) error {
	select {
	case <-p.exited:
		return errno.ESRCH
	default:
	}
	p.exit(zone.ExitStatus{Signal: int(sig.(syscall.Signal))})
	return nil
}
