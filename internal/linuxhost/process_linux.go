package linuxhost

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// process is a program in a zone.
type process struct {
	pid    int32 // as the machine sees it
	inside int   // as the zone sees it
	fd     int   // pidfd
	pty    *os.File
	done   chan struct{}
	status zone.ExitStatus // once done is closed
}

var _ zone.Process = (*process)(nil)

func (p *process) Pid() int      { return int(p.pid) }
func (p *process) Pty() *os.File { return p.pty }
func (p *process) Close() error  { return nil }

func (p *process) Wait() (zone.ExitStatus, error) {
	<-p.done
	return p.status, nil
}

// Signal goes to the whole process group, which every program begins.
func (p *process) Signal(sig os.Signal) error {
	select {
	case <-p.done:
		return errno.ESRCH
	default:
	}
	number, ok := sig.(syscall.Signal)
	if !ok {
		return errno.EINVAL
	}
	return hostErrno(unix.Kill(-int(p.pid), number))
}

func (p *process) ended(status zone.ExitStatus) {
	p.status = status
	close(p.done)
	unix.Close(p.fd)
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
	z.starts++
	number := z.starts
	z.starting[number] = struct{}{}
	z.mu.Unlock()
	defer func() {
		z.mu.Lock()
		defer z.mu.Unlock()
		delete(z.starting, number)
		z.answered.Broadcast()
	}()
	answer, passed, err := z.ask(&request{Op: "start", Program: program}, fds...)
	if err != nil {
		return nil, err
	}
	if len(passed) == 0 {
		return nil, errno.EIO
	}
	p := &process{inside: answer.Pid, fd: passed[0], done: make(chan struct{})}
	if len(passed) > 1 {
		p.pty = os.NewFile(uintptr(passed[1]), "terminal")
	}
	if p.pid = pidOf(p.fd); p.pid <= 0 {
		p.pid = int32(-p.inside) // it has ended already: a number that nobody has
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.processes[p.inside] = p
	if program.Init {
		z.init = p
	}
	if z.over {
		go z.tell(p, ended{Pid: p.inside, Signal: int(unix.SIGKILL)})
	}
	return p, nil
}

// pidOf returns the number that the machine has for a process, -1 when it has
// ended.
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

// Start runs a program in a zone.
func (h *Host) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	z, err := h.zone(key)
	if err != nil {
		return nil, err
	}
	args := cmd.Args
	if len(args) == 0 {
		args = []string{cmd.Path}
	}
	p := &program{Path: cmd.Path, Args: args, Env: cmd.Env, Dir: cmd.Dir, UID: cmd.UID, GID: cmd.GID, Groups: cmd.Groups, Pty: cmd.Pty}
	if cmd.Pty && cmd.Like != nil {
		if p.Like, err = looksOf(cmd.Like); err != nil {
			return nil, err
		}
	}
	return z.run(p, cmd.Stdin, cmd.Stdout, cmd.Stderr)
}

// looksOf reads the mode and the size of a terminal. A terminal without a size is
// one of size 0.
func looksOf(terminal *os.File) (*looks, error) {
	fd := int(terminal.Fd())
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, hostErrno(err)
	}
	l := &looks{Mode: *mode}
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
		l.Size = *size
	}
	return l, nil
}
