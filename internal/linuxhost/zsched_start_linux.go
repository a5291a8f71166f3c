package linuxhost

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/zone"
)

// start starts a program. It returns its process ID in the zone, a pidfd, and the
// manager side of its terminal if it has one.
func (z *zsched) start(p *program, fds []int) (pid int, passed []int, err error) {
	if p == nil || !z.ready {
		return 0, nil, failed(zschedName, opStart, unix.EINVAL)
	}
	var undos undo.Stack
	defer undos.Run()
	std, err := openStandard(p, fds)
	if err != nil {
		return 0, nil, err
	}
	defer closeFDs(std.opened)
	undos.Add(func() { closeFDs(std.manager) })
	c := &child{
		path: p.Path, args: p.Args, env: p.Env, dir: p.Dir,
		uid: p.UID, gid: p.GID, groups: p.Groups, setGroups: maySetGroups(), terminal: p.Pty || p.TTY,
		policy: p.Policy, group: z.group, caps: z.capabilities, filter: z.filter,
	}
	if c.dir == "" {
		c.dir = "/"
	}
	copy(c.std[:], std.files)
	z.mu.Lock()
	defer z.mu.Unlock()
	var pidfd int
	z.onThread(func() { pid, pidfd, err = c.start() })
	select {
	case z.started <- struct{}{}:
	default:
	}
	if err != nil {
		return 0, nil, c.notStarted(err)
	}
	undos.Drop()
	return pid, append([]int{pidfd}, std.manager...), nil
}

// notStarted returns the reason why the program wasn't started.
func (c *child) notStarted(err error) error {
	var at *startError
	if !errors.As(err, &at) {
		return err
	}
	call := stepCalls[at.step]
	switch at.step {
	case atDir:
		return failed(call, c.dir, at.Errno)
	case atGroups, atGID, atUID:
		e := zone.AsError(failed(call, strconv.Itoa(int(c.uid)), at.Errno))
		if at.Errno == unix.EINVAL {
			e.Text = "the zone has no such user ID: that of an ordinary user has root only"
		}
		return e
	case atExec:
		e := zone.AsError(notStarted(c.path, at.Errno))
		if at.Errno == unix.ENOENT && unix.Access(c.path, unix.F_OK) == nil {
			e.Text = "the interpreter that it names"
		}
		return e
	}
	return failed(call, c.path, at.Errno)
}

// standard are the standard files of a program.
type standard struct {
	files   []int
	opened  []int // closed here once the program has them
	manager []int // of its terminal; at most one
}

// openStandard opens a program's standard files: a terminal of the zone if requested,
// the zone's console for init, otherwise the files sent with the request, or
// /dev/null.
func openStandard(p *program, fds []int) (*standard, error) {
	if p.Pty {
		manager, terminal, err := openPty(p)
		if err != nil {
			return nil, err
		}
		s := everywhere(terminal)
		s.manager = []int{manager}
		return s, nil
	}
	if console, ok := openConsole(p); ok {
		return everywhere(console), nil
	}
	s := new(standard)
	for _, given := range p.Std {
		if given {
			if len(fds) == 0 {
				closeFDs(s.opened)
				return nil, failed(zschedName, "standard files", unix.EBADF)
			}
			s.files, fds = append(s.files, fds[0]), fds[1:]
			continue
		}
		null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			closeFDs(s.opened)
			return nil, failed("open", "/dev/null", err)
		}
		s.files, s.opened = append(s.files, null), append(s.opened, null)
	}
	return s, nil
}

// everywhere returns one file as all three.
func everywhere(fd int) *standard {
	return &standard{files: []int{fd, fd, fd}, opened: []int{fd}}
}

// openConsole opens the zone's console for its init, as Linux itself does, if the
// zone's daemon has attached one.
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

// openPty opens a new terminal of the zone, and returns its manager and itself. The results have
// no names: a return would change the descriptors that the undos close.
func openPty(p *program) (int, int, error) {
	const ptmx = "/dev/pts/ptmx"
	// Non-blocking, so that closing it stops a reader.
	manager, err := unix.Open(ptmx, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, 0, failed("open", ptmx, err)
	}
	var undos undo.Stack
	defer undos.Run()
	undos.Add(func() { unix.Close(manager) })
	if err = unix.IoctlSetPointerInt(manager, unix.TIOCSPTLCK, 0); err != nil {
		return 0, 0, failed("TIOCSPTLCK", ptmx, err)
	}
	// Open it through the manager's descriptor, not by a path that the zone could have
	// changed.
	terminal, err := peer(manager)
	if err != nil {
		return 0, 0, failed("TIOCGPTPEER", ptmx, err)
	}
	undos.Add(func() { unix.Close(terminal) })
	_ = unix.Fchown(terminal, int(p.UID), int(p.GID)) // fails for ids that a user namespace lacks
	if p.Like != nil {
		if err = unix.IoctlSetTermios(terminal, unix.TCSETSF, &p.Like.Mode); err != nil {
			return 0, 0, failed("TCSETSF", ptmx, err)
		}
		if err = unix.IoctlSetWinsize(terminal, unix.TIOCSWINSZ, &p.Like.Size); err != nil {
			return 0, 0, failed("TIOCSWINSZ", ptmx, err)
		}
	}
	undos.Drop()
	return manager, terminal, nil
}

// peer opens the other side of a terminal through its manager.
func peer(manager int) (int, error) {
	fd, _, number := unix.Syscall(unix.SYS_IOCTL, uintptr(manager), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if number != 0 {
		return -1, number
	}
	return int(fd), nil
}

// maySetGroups reports whether supplementary groups can be set: not in a user
// namespace that was made without privilege.
func maySetGroups() bool {
	text, err := os.ReadFile("/proc/self/setgroups")
	return err != nil || strings.TrimSpace(string(text)) != "deny"
}
