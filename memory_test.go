package zones_test

import (
	"errors"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/gozones/zones"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// inMemory returns a machine whose zones are in this process. They need no privilege
// and only a directory for their configurations and files, which done removes.
func inMemory() (m *zones.Machine, dir string, done func()) {
	dir, err := os.MkdirTemp("", "zones")
	if err != nil {
		log.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		log.Fatal(err)
	}
	k, err := kernel.New(kernel.Config{Host: sim.New()})
	if err != nil {
		log.Fatal(err)
	}
	run := "/run"
	m = zones.New(zones.Config{
		Kernel: programs{k.Global().Local()},
		Store:  zonecfg.Open(dir, run), // configurations below dir/etc/zones, zonepaths below dir
		RunDir: filepath.Join(dir, run),
	})
	return m, dir, func() {
		m.Close()
		k.Close()
		os.RemoveAll(dir)
	}
}

func newMachine(t *testing.T) *zones.Machine {
	t.Helper()
	m, _, done := inMemory()
	t.Cleanup(done)
	return m
}

// sparse returns the configuration of a zone whose brand needs no archive.
func sparse(name string) *zonecfg.Zone {
	return &zonecfg.Zone{Name: name, Zonepath: "/zones/" + name, Brand: "sparse"}
}

// installed makes an installed zone.
func installed(m *zones.Machine, name string) *zones.Zone {
	z, err := m.Create(ctx, sparse(name))
	if err == nil {
		err = z.Install(ctx, zones.InstallOptions{})
	}
	if err != nil {
		log.Fatal(err)
	}
	return z
}

// booted makes a running zone.
func booted(m *zones.Machine, name string) *zones.Zone {
	z := installed(m, name)
	if err := z.Boot(ctx, zones.BootOptions{}); err != nil {
		log.Fatal(err)
	}
	return z
}

// programs is a kernel in memory whose zones run programs of the host, which a sparse
// zone has too.
type programs struct{ *kernel.Local }

// Start runs a program in a process group of its own.
func (p programs) Start(id zone.ID, cmd *zone.Cmd) (zone.Process, error) {
	status, err := zone.StatusOf(p, id)
	if err != nil {
		return nil, err
	}
	if status != zone.StatusRunning {
		return nil, &zone.Error{Op: "zone_enter", ID: id, Errno: errno.EINVAL}
	}
	if info, err := os.Stat(cmd.Path); err != nil || info.Mode()&0o111 == 0 {
		return nil, &zone.Error{Op: "exec", Name: cmd.Path, Errno: errno.ENOENT}
	}
	c := &exec.Cmd{Path: cmd.Path, Args: cmd.Args, Env: cmd.Env, Dir: "/", SysProcAttr: ownGroup()}
	if cmd.Dir != "" && cmd.Dir != "/root" {
		c.Dir = cmd.Dir
	}
	if cmd.Stdin != nil {
		c.Stdin = cmd.Stdin
	}
	if cmd.Stdout != nil {
		c.Stdout = cmd.Stdout
	}
	if cmd.Stderr != nil {
		c.Stderr = cmd.Stderr
	}
	process := &process{Cmd: c}
	if cmd.Pty {
		manager, terminal, err := pty.Open()
		if err != nil {
			return nil, err
		}
		defer terminal.Close()
		c.Stdin, c.Stdout, c.Stderr, process.pty = terminal, terminal, terminal, manager
		c.SysProcAttr = ownTerminal()
	}
	if err := c.Start(); err != nil {
		e, _ := errno.Of(err)
		return nil, &zone.Error{Op: "exec", Name: cmd.Path, Errno: e}
	}
	return process, nil
}

// process is a program started by such a kernel.
type process struct {
	*exec.Cmd
	pty *os.File
}

func (p *process) Pid() int      { return p.Process.Pid }
func (p *process) Pty() *os.File { return p.pty }
func (p *process) Close() error  { return nil }

func (p *process) Signal(sig os.Signal) error {
	return signalTo(-p.Process.Pid, sig)
}

func (p *process) Wait() (zone.ExitStatus, error) {
	err := p.Cmd.Wait()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return zone.ExitStatus{}, err
	}
	if s := p.ProcessState.Sys().(syscall.WaitStatus); s.Signaled() {
		return zone.ExitStatus{Signal: int(s.Signal())}, nil
	}
	return zone.ExitStatus{Code: p.ProcessState.ExitCode()}, nil
}

// TestErrorsTellTheReason: a zone that isn't there is named once, and the error of a program
// that can't be started has the kernel's reason.
func TestErrorsTellTheReason(t *testing.T) {
	t.Parallel()
	k, err := kernel.New(kernel.Config{Host: sim.New()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	dir := t.TempDir()
	m := zones.New(zones.Config{Kernel: k.Global().Local(), Store: zonecfg.Open(dir, "/run"), RunDir: filepath.Join(dir, "run")})
	t.Cleanup(func() { m.Close() })
	_, err = m.Zone("web")
	if want := "zone web: list: could not get state: No such zone configured"; err == nil || err.Error() != want || !errors.Is(err, zones.ErrNotConfigured) {
		t.Errorf("%v, want %s", err, want)
	}
	err = booted(m, "web").Command(ctx, "id").Run()
	if want := "zone web: exec: could not enter zone web: zone_enter 1: zones of this kernel have no programs: No such file or directory (ENOENT)"; err == nil || err.Error() != want || !errors.Is(err, errno.ENOENT) {
		t.Errorf("%v, want %s", err, want)
	}
}
