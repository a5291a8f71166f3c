package linuxhost

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
)

// What a zsched is started with: its name, and the descriptors of the request
// socket and of the one for ends of processes.
const (
	zschedName = "zsched"
	requestFD  = 3
	endsFD     = 4
)

// IsZsched tells that this process was started to be a zone's zsched; a program
// that contains the host must ask before it does anything else.
func IsZsched() bool { return len(os.Args) == 1 && os.Args[0] == zschedName && os.Getpid() == 1 }

// ZschedMain is the life of a zsched. It ends when the kernel process is gone,
// which ends everything in the zone.
func ZschedMain() int {
	// Whatever else the kernel process had open when it was started.
	unix.CloseRange(requestFD, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	takeSignals()
	z := &zsched{children: make(chan struct{}, 1)}
	go z.reap()
	for {
		var r request
		fds, err := receiveMessage(requestFD, &r)
		if err != nil {
			return 0
		}
		answer, passed := z.do(&r, fds)
		closeFDs(fds)
		err = sendMessage(requestFD, answer, passed...)
		closeFDs(passed)
		if err != nil {
			return 0
		}
	}
}

// takeSignals lets nobody inside end zsched by a signal, which is no process to the
// system that they would be in. Signals are caught, not ignored: that, what zsched
// starts would inherit.
func takeSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals) // what doesn't fit is dropped
	go func() {
		for range signals {
		}
	}()
}

// zsched is the state of that process.
type zsched struct {
	spawn    chan func() // runs on the thread that programs are started from
	children chan struct{}
	group    int        // folder of the control group of v2 that programs are started in, or -1
	settled  bool       // it is a zone's: programs may be started
	mu       sync.Mutex // held while a program is started: the zone isn't empty then
}

func (z *zsched) do(r *request, fds []int) (*response, []int) {
	var (
		pid    int
		passed []int
		err    error
	)
	switch r.Op {
	case "empty":
		err = z.empty()
	case "root":
		err = z.root(r, fds)
	case "confine":
		err = z.confine(r, fds)
	case "start":
		pid, passed, err = z.start(r.Program, fds)
	case "kill":
		if err = unix.Kill(-1, unix.SIGKILL); err == unix.ESRCH {
			err = nil
		}
	case "attach":
		err = attach(r, fds)
	case "cover":
		err = coverProc()
	case "mount":
		err = mountHere(r)
	case "umount":
		err = unmountHere(r)
	case "limit":
		limit := unix.Rlimit{Cur: r.Limits[1], Max: r.Limits[1]}
		err = unix.Setrlimit(int(r.Limits[0]), &limit)
	default:
		err = unix.EINVAL
	}
	answer := &response{Pid: pid}
	if err != nil {
		answer.Text = err.Error()
		answer.Errno = int(unix.EIO)
		var number syscall.Errno
		if errors.As(err, &number) {
			answer.Errno = int(number)
		}
		var point *host.PointError
		if errors.As(err, &point) {
			answer.Point = point.Path
		}
	}
	return answer, passed
}

// empty lets go of the machine's file systems and readies the thread that starts
// programs: as much as can be done before it is known for which zone.
func (z *zsched) empty() error {
	z.group = -1
	if err := enterRoom(); err != nil {
		return err
	}
	z.spawn = make(chan func())
	ready := make(chan error)
	go func() {
		// Capabilities, filters and control groups belong to a thread; children get
		// its own. The thread is never given back.
		runtime.LockOSThread()
		// The filter first: loading it takes a capability that is then dropped.
		err := loadFilter()
		ready <- err
		if err != nil {
			return
		}
		for f := range z.spawn {
			f()
		}
	}()
	return <-ready
}

// onThread runs something on that thread.
func (z *zsched) onThread(f func()) {
	done := make(chan struct{})
	z.spawn <- func() {
		f()
		close(done)
	}
	<-done
}

// root makes a tree of mounts the root directory and nothing else.
func (z *zsched) root(r *request, fds []int) error {
	if len(fds) != 1 {
		return unix.EBADF
	}
	if err := enterRoot(fds[0]); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(r.Nodename)); err != nil {
		return fmt.Errorf("node name: %w", err)
	}
	return nil
}

// confine makes the thread that starts programs one of the zone's. The descriptors
// are those of the control groups.
func (z *zsched) confine(r *request, groups []int) error {
	if z.spawn == nil {
		return unix.EINVAL
	}
	if r.Unified && len(groups) > 0 {
		var err error
		if z.group, err = unix.FcntlInt(uintptr(groups[0]), unix.F_DUPFD_CLOEXEC, 0); err != nil {
			return err
		}
	}
	var err error
	z.onThread(func() {
		if !r.Unified {
			err = joinGroups(groups)
		}
		if err == nil {
			err = confine(r.Caps)
		}
	})
	z.settled = err == nil
	return err
}

// joinGroups puts the calling thread into control groups of v1.
func joinGroups(tasks []int) error {
	for _, fd := range tasks {
		if _, err := unix.Write(fd, []byte("0")); err != nil {
			return fmt.Errorf("control group: %w", err)
		}
	}
	return nil
}

// start runs a program and returns its number in the zone, a pidfd, and the
// manager side of its terminal where it has one.
func (z *zsched) start(p *program, fds []int) (pid int, passed []int, err error) {
	if p == nil || !z.settled {
		return 0, nil, unix.EINVAL
	}
	attr := &syscall.ProcAttr{Dir: p.Dir, Env: p.Env, Sys: &syscall.SysProcAttr{Setsid: true}}
	if attr.Dir == "" {
		attr.Dir = "/"
	}
	if z.group >= 0 {
		attr.Sys.UseCgroupFD, attr.Sys.CgroupFD = true, z.group
	}
	attr.Sys.Credential = &syscall.Credential{Uid: p.UID, Gid: p.GID, Groups: p.Groups, NoSetGroups: !maySetGroups()}
	var mine []int
	defer func() { closeFDs(mine) }()
	if p.Pty {
		manager, terminal, err := openPty(p)
		if err != nil {
			return 0, nil, err
		}
		passed = append(passed, manager)
		mine = append(mine, terminal)
		attr.Sys.Setctty = true
		attr.Files = []uintptr{uintptr(terminal), uintptr(terminal), uintptr(terminal)}
	} else if console, ok := openConsole(p); ok {
		mine = append(mine, console)
		attr.Files = []uintptr{uintptr(console), uintptr(console), uintptr(console)}
	} else if attr.Files, mine, err = standardFiles(p, fds); err != nil {
		return 0, nil, err
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	z.onThread(func() { pid, err = syscall.ForkExec(p.Path, p.Args, attr) })
	select {
	case z.children <- struct{}{}:
	default:
	}
	if err != nil {
		closeFDs(passed)
		return 0, nil, err
	}
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		closeFDs(passed)
		return 0, nil, err
	}
	return pid, append([]int{pidfd}, passed...), nil
}

// openConsole opens the zone's console for its init, as Linux itself does, where
// the zone's daemon has attached one.
func openConsole(p *program) (int, bool) {
	if !p.Init {
		return -1, false
	}
	fd, err := openInside("/dev/console", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK)
	if err != nil {
		return -1, false
	}
	var stat unix.Stat_t
	if unix.Fstat(fd, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFCHR || unix.SetNonblock(fd, false) != nil {
		unix.Close(fd)
		return -1, false
	}
	return fd, true
}

// standardFiles are those that came with the request; the others are /dev/null.
func standardFiles(p *program, fds []int) (files []uintptr, opened []int, err error) {
	for _, given := range p.Std {
		if given {
			if len(fds) == 0 {
				closeFDs(opened)
				return nil, nil, unix.EBADF
			}
			files, fds = append(files, uintptr(fds[0])), fds[1:]
			continue
		}
		null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			closeFDs(opened)
			return nil, nil, fmt.Errorf("/dev/null in the zone: %w", err)
		}
		files, opened = append(files, uintptr(null)), append(opened, null)
	}
	return files, opened, nil
}

// openPty makes a terminal of the zone's own.
func openPty(p *program) (manager, terminal int, err error) {
	// Non-blocking, so that a reader can be stopped by closing it.
	manager, err = unix.Open("/dev/pts/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, 0, fmt.Errorf("a terminal in the zone: %w", err)
	}
	if err = unix.IoctlSetPointerInt(manager, unix.TIOCSPTLCK, 0); err == nil {
		// By the manager's descriptor, not by a path that the zone could have changed.
		terminal, err = peer(manager)
	}
	if err != nil {
		unix.Close(manager)
		return 0, 0, fmt.Errorf("a terminal in the zone: %w", err)
	}
	unix.Fchown(terminal, int(p.UID), int(p.GID))
	if p.Like != nil {
		err = unix.IoctlSetTermios(terminal, unix.TCSETSF, &p.Like.Mode)
		if err == nil {
			err = unix.IoctlSetWinsize(terminal, unix.TIOCSWINSZ, &p.Like.Size)
		}
		if err != nil {
			closeFDs([]int{manager, terminal})
			return 0, 0, fmt.Errorf("a terminal in the zone: %w", err)
		}
	}
	return manager, terminal, nil
}

// peer opens the other side of a terminal by its manager.
func peer(manager int) (int, error) {
	fd, _, number := unix.Syscall(unix.SYS_IOCTL, uintptr(manager), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if number != 0 {
		return -1, number
	}
	return int(fd), nil
}

// maySetGroups tells that groups can be set: not in a user namespace that was
// made without privilege.
func maySetGroups() bool {
	text, err := os.ReadFile("/proc/self/setgroups")
	return err != nil || strings.TrimSpace(string(text)) != "deny"
}

// reap waits for every process that ends in the zone, its own children and the
// orphans that process 1 gets, and tells the kernel process.
func (z *zsched) reap() {
	for {
		// First only look: a program that is just being started must not be gone
		// before its pidfd has been opened.
		err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WALL|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		z.mu.Lock()
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WALL|unix.WNOHANG, nil)
		z.mu.Unlock()
		switch {
		case err == unix.ECHILD:
			if sendMessage(endsFD, &ended{Last: true}) != nil {
				return
			}
			<-z.children
		case err == nil && pid > 0:
			e := &ended{Pid: pid}
			if status.Signaled() {
				e.Signal = int(status.Signal())
			} else {
				e.Code = status.ExitStatus()
			}
			if sendMessage(endsFD, e) != nil {
				return
			}
		}
	}
}
