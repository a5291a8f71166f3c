package linuxhost

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// process is a program in a zone.
type process struct {
	pid    int32 // on the host
	inside int   // in the zone
	pty    *os.File
	done   chan struct{}
	status zone.ExitStatus // valid once done is closed

	released    chan struct{} // by Close
	releaseOnce sync.Once
}

var _ zone.Process = (*process)(nil)

func (p *process) Pid() int      { return int(p.pid) }
func (p *process) Pty() *os.File { return p.pty }

func (p *process) Close() error {
	p.releaseOnce.Do(func() { close(p.released) })
	return nil
}

func (p *process) Wait() (zone.ExitStatus, error) {
	select {
	case <-p.done:
		return p.status, nil
	case <-p.released:
		return zone.ExitStatus{}, os.ErrClosed
	}
}

// Signal sends a signal to the program's process group, which it leads.
func (p *process) Signal(sig os.Signal) error {
	select {
	case <-p.done:
		return errno.ESRCH
	default:
	}
	number, ok := sig.(syscall.Signal)
	if !ok {
		return fmt.Errorf("signal %v: %w", sig, errno.EINVAL)
	}
	return failed("kill", strconv.Itoa(-int(p.pid)), unix.Kill(-int(p.pid), number))
}

func (p *process) exited(status zone.ExitStatus) {
	p.status = status
	close(p.done)
}

// StartInit starts a zone's init.
func (h *Host) StartInit(key host.ZoneKey, init *host.Init) (int32, error) {
	z, err := h.zone(key)
	if err != nil {
		return 0, err
	}
	p, err := z.run(&program{Path: init.Path, Args: init.Args, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, Init: true}, nil, nil, nil)
	if err != nil {
		return 0, err
	}
	return p.pid, nil
}

// Start starts a program in a zone.
func (h *Host) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	z, err := h.zone(key)
	if err != nil {
		return nil, err
	}
	args := cmd.Args
	if len(args) == 0 {
		args = []string{cmd.Path}
	}
	p := &program{Path: cmd.Path, Args: args, Env: cmd.Env, Dir: cmd.Dir, UID: cmd.UID, GID: cmd.GID, Groups: cmd.Groups, Pty: cmd.Pty, TTY: cmd.Controlling}
	if cmd.Pty && cmd.Like != nil {
		if p.Like, err = looksOf(cmd.Like); err != nil {
			return nil, err
		}
	}
	started, err := z.run(p, cmd.Stdin, cmd.Stdout, cmd.Stderr)
	if err != nil {
		return nil, err
	}
	return started, nil
}

// looksOf returns the mode and the size of a terminal. If it has no size, the size is
// 0.
func looksOf(terminal *os.File) (*looks, error) {
	fd := int(terminal.Fd())
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, failed("TCGETS", terminal.Name(), err)
	}
	l := &looks{Mode: *mode}
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
		l.Size = *size
	}
	return l, nil
}

// run has zsched start a program.
func (z *hostZone) run(program *program, files ...*os.File) (*process, error) {
	var fds []int
	for i, f := range files {
		if f != nil {
			program.Std[i] = true
			fds = append(fds, int(f.Fd()))
		}
	}
	z.mu.Lock()
	program.Policy = z.policy
	z.mu.Unlock()
	defer z.begin()()
	answer, passed, err := z.sandbox.ask(&request{Op: opStart, Program: program}, fds...)
	if err != nil {
		return nil, err
	}
	if len(passed) == 0 {
		return nil, &zone.Error{Op: "pidfd_open", Name: program.Path, Errno: errno.EIO, Text: "zsched sent no descriptor"}
	}
	p := &process{inside: answer.Pid, pid: pidOf(passed[0]), done: make(chan struct{}), released: make(chan struct{})}
	unix.Close(passed[0])
	rest := passed[1:]
	if program.Pty && len(rest) > 0 {
		p.pty, rest = os.NewFile(uintptr(rest[0]), "terminal"), rest[1:]
	}
	closeFDs(rest)
	if p.pid <= 0 {
		p.pid = int32(-p.inside) // it has exited already: use a number that no process has
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.processes[p.inside] = p
	if program.Init {
		z.init = p
	}
	if z.over {
		go z.tell(p, exit{Pid: p.inside, Signal: int(unix.SIGKILL)})
	}
	return p, nil
}

// begin records that a start has begun. The function that it returns records that it
// has been answered.
func (z *hostZone) begin() (answered func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.starts++
	number := z.starts
	z.starting[number] = struct{}{}
	return func() {
		z.mu.Lock()
		defer z.mu.Unlock()
		delete(z.starting, number)
		z.answered.Broadcast()
	}
}

// pidOf returns the process ID of a process on the host, or -1 if it has exited.
func pidOf(pidfd int) int32 {
	file, err := os.Open(fmt.Sprintf("/proc/self/fdinfo/%d", pidfd))
	if err != nil {
		return -1
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if number, ok := strings.CutPrefix(lines.Text(), "Pid:"); ok {
			pid, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil {
				return -1
			}
			return int32(pid)
		}
	}
	return -1
}
