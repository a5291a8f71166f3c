package machine

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/utmpx"
	"github.com/gozones/zones/sys/zone"
)

// enter is zone_enter. Tests of the way there put something else in its place.
var enter = func(id zone.ID) error { return zone.Native{}.Enter(id) }

// init takes over when this process is the child that a [kernel] started to enter a
// zone. It runs before main and before anything has been opened.
func init() {
	if len(os.Args) != 1 || os.Args[0] != entrance {
		return
	}
	// Whoever starts a program with more privileges than his own chooses its name
	// and descriptors.
	if priv.Elevated() {
		os.Exit(126)
	}
	runtime.LockOSThread()
	op, err := child()
	e, ok := errno.Of(err)
	if !ok {
		e = errno.EIO
	}
	text, _ := json.Marshal(outcome{Op: op, Errno: e})
	unix.Write(outcomeFD, text)
	os.Exit(127)
}

// child does what the request says. It comes back only when something failed, with
// the name of that.
func child() (string, error) {
	unix.CloseOnExec(outcomeFD)
	closeOthers()
	r, err := receive()
	if err != nil {
		return "request", err
	}
	var like looks
	if r.Like {
		// Read before the zone is entered: the terminal is one of the caller's.
		if like, err = looksOf(os.Stdin); err != nil {
			return "terminal", err
		}
		if err := unix.Dup2(1, 0); err != nil { // /dev/null
			return "terminal", err
		}
	}
	if err := enter(r.Zone); err != nil {
		return "zone_enter", err
	}
	if err := standardFiles(r, like); err != nil {
		return "standard files", err
	}
	if err := unix.Chdir(r.Dir); err != nil {
		return "chdir", err
	}
	groups := make([]int, len(r.Groups))
	for i, g := range r.Groups {
		groups[i] = int(g)
	}
	if err := unix.Setgroups(groups); err != nil {
		return "setgroups", err
	}
	if err := unix.Setgid(int(r.GID)); err != nil {
		return "setgid", err
	}
	if err := unix.Setuid(int(r.UID)); err != nil {
		return "setuid", err
	}
	return "exec", syscall.Exec(r.Path, r.Args, r.Env)
}

func receive() (*request, error) {
	var text []byte
	for buf := make([]byte, 4096); ; {
		n, err := unix.Read(requestFD, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			break
		}
		text = append(text, buf[:n]...)
	}
	unix.Close(requestFD)
	r := new(request)
	return r, json.Unmarshal(text, r)
}

// closeOthers closes what came here by inheritance: a descriptor that is neither
// given nor closed by an exec. The runtime's own are closed by it.
func closeOthers() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return // a system without /proc has no zones to enter either
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= outcomeFD {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
}

// standardFiles opens what the program gets as its first three files, inside the
// zone where they aren't given.
func standardFiles(r *request, like looks) error {
	if r.Terminal != "" {
		terminal, err := pty.OpenTerminal(r.Terminal)
		if err != nil {
			return err
		}
		if like.mode != nil {
			if err := pty.SetLooks(terminal, like.mode, like.size); err != nil {
				return err
			}
		}
		if err := pty.MakeControlling(terminal); err != nil {
			return err
		}
		for fd := range 3 {
			if err := unix.Dup2(int(terminal.Fd()), fd); err != nil {
				return err
			}
		}
		if r.Login {
			enterLogin(r.Terminal)
		}
		return nil
	}
	for fd, null := range r.Null {
		if !null {
			continue
		}
		opened, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if err := unix.Dup2(opened, fd); err != nil {
			return err
		}
		unix.Close(opened)
	}
	return nil
}

// looks is the mode and the size of a terminal.
type looks struct {
	mode *pty.State
	size pty.Size
}

// looksOf reads them; a terminal may have no size.
func looksOf(terminal *os.File) (looks, error) {
	mode, err := pty.ModeOf(terminal)
	size, _ := pty.SizeOf(terminal)
	return looks{mode, size}, err
}

// enterLogin makes the entry that login(1) looks for. The terminal is told when
// that fails, and the login goes on: a zone whose file is full or broken is one
// that somebody must get into.
func enterLogin(terminal string) {
	_, err := utmpx.Make(utmpx.Entry{
		User: ".zlogin", ID: "z" + strings.Repeat(string([]byte{utmpx.Wildcard}), 3), Line: strings.TrimPrefix(terminal, "/dev/"),
		Pid: int32(os.Getpid()), Type: utmpx.Login, Time: time.Now(),
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "makeutx failed: %v\r\n", err)
	}
}
