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

	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/utmpx"
	"github.com/gozones/zones/sys/zone"
)

// entrance is the name that tells the child which enters a zone that it is one.
const entrance = "zones-enter"

// The child's descriptors besides the three standard ones.
const (
	requestFD = 3 // a request, as JSON
	failureFD = 4 // a zone.Error, as JSON; closed by an exec that succeeds
)

// enter is zone_enter. Tests replace it.
var enter = func(id zone.ID) error { return zone.Native{}.Enter(id) }

// init runs the child that a [kernel] has started to enter a zone: before main, and
// before the program has opened anything.
func init() {
	if len(os.Args) != 1 || os.Args[0] != entrance {
		return
	}
	// A user who starts a program that runs with more privileges chooses its name and
	// descriptors.
	if priv.Elevated() {
		os.Exit(126)
	}
	runtime.LockOSThread()
	text, err := json.Marshal(child())
	if err == nil {
		_, _ = unix.Write(failureFD, text) // else the parent tells by the exit status alone
	}
	os.Exit(127)
}

// child enters the zone and executes the program. It returns only if something fails.
func child() *zone.Error {
	unix.CloseOnExec(failureFD)
	closeOthers()
	r, err := receive()
	if err != nil {
		return childError("request", "", 0, err)
	}
	fail := func(op, name string, err error) *zone.Error { return childError(op, name, r.Zone, err) }
	for fd := range 3 {
		// The zone must not pop modules off a stream of the caller. Most aren't streams.
		pty.Anchor(uintptr(fd))
	}
	if err := enter(r.Zone); err != nil {
		return fail("zone_enter", "", err)
	}
	for _, m := range r.Mounts {
		if _, err := mount.Mount(m.Special, m.Point, m.FSType, 0, m.Options, nil); err != nil {
			return fail("mount", m.Point, err)
		}
	}
	if len(r.Mounts) > 0 {
		os.Exit(0)
	}
	if err := leaveZsched(r); err != nil {
		return fail("setsid", "", err)
	}
	if err := standardFiles(r); err != nil {
		return fail("standard files", "", err)
	}
	if err := unix.Chdir(r.Dir); err != nil {
		return fail("chdir", r.Dir, err)
	}
	groups := make([]int, len(r.Groups))
	for i, g := range r.Groups {
		groups[i] = int(g)
	}
	if err := unix.Setgroups(groups); err != nil {
		return fail("setgroups", "", err)
	}
	if err := unix.Setgid(int(r.GID)); err != nil {
		return fail("setgid", fmt.Sprint(r.GID), err)
	}
	if err := unix.Setuid(int(r.UID)); err != nil {
		return fail("setuid", fmt.Sprint(r.UID), err)
	}
	return fail("exec", r.Path, syscall.Exec(r.Path, r.Args, r.Env))
}

// leaveZsched makes a session for a program with a terminal and a process group for another.
// It comes after zone_enter, which moves the process into the session and the group of
// zsched: those that were made before would be lost.
func leaveZsched(r *request) error {
	if r.Terminal == "" && !r.TTY {
		return unix.Setpgid(0, 0)
	}
	_, err := unix.Setsid()
	return err
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

// closeOthers closes the descriptors that this process has inherited without being
// meant to: those above failureFD that an exec would keep open.
func closeOthers() {
	entries, _ := os.ReadDir("/proc/self/fd") // without /proc there are no zones to enter either
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= failureFD {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
}

// standardFiles opens the program's standard files in the zone, except those that the
// caller has passed.
func standardFiles(r *request) error {
	if r.Terminal != "" {
		terminal, err := unix.Open(r.Terminal, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("%s: %w", r.Terminal, err)
		}
		for fd := range 3 {
			if err := unix.Dup2(terminal, fd); err != nil {
				return err
			}
		}
		if err := pty.MakeControlling(os.Stdin); err != nil {
			return err
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
	if r.TTY {
		return pty.MakeControlling(os.Stdin)
	}
	return nil
}

// enterLogin adds the utmpx(5) entry that login(1) looks for. A failure is printed on the
// terminal and the login continues: an administrator must be able to enter a zone whose
// file is full or broken.
func enterLogin(terminal string) {
	_, err := utmpx.Make(utmpx.Entry{
		User: ".zlogin", ID: "z" + strings.Repeat(string([]byte{utmpx.Wildcard}), 3), Line: strings.TrimPrefix(terminal, "/dev/"),
		Pid: int32(os.Getpid()), Type: utmpx.Login, Time: time.Now(),
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "makeutx failed: %v\r\n", err)
	}
}
