package linuxhost

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
)

// room is a zsched, as the kernel process sees it, in namespaces that are ready for
// a zone: with a /proc and a /dev, and nothing of the machine's file systems.
type room struct {
	exclusive bool   // it has a network of its own
	pid       int    // of zsched
	namespace string // its pid namespace, as /proc names it
	ends      int    // the socket on which it tells of processes that have ended
	gone      chan struct{}
	status    unix.WaitStatus // once gone is closed

	asking   sync.Mutex // one request at a time
	requests int        // the socket for them
}

// newRoom starts a zsched.
func (h *Host) newRoom(exclusive bool) (*room, error) {
	r := &room{exclusive: exclusive, gone: make(chan struct{})}
	requests, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		closeFDs(requests[:])
		return nil, err
	}
	r.requests, r.ends = requests[0], ends[0]
	err = r.start(h, requests[1], ends[1])
	closeFDs([]int{requests[1], ends[1]})
	if err != nil {
		closeFDs([]int{r.requests, r.ends})
		return nil, err
	}
	r.namespace, err = os.Readlink("/proc/" + strconv.Itoa(r.pid) + "/ns/pid")
	if err == nil {
		err = r.furnish()
	}
	if err != nil {
		r.end()
		unix.Close(r.ends)
		return nil, err
	}
	return r, nil
}

func (r *room) start(h *Host, requests, ends int) error {
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	flags := uintptr(unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC)
	if r.exclusive {
		flags |= unix.CLONE_NEWNET
	}
	attr := &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{},
		Files: []uintptr{null.Fd(), null.Fd(), null.Fd(), uintptr(requests), uintptr(ends)},
		Sys:   &syscall.SysProcAttr{Cloneflags: flags, Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	done := make(chan struct{})
	h.spawn <- func() {
		r.pid, err = syscall.ForkExec(fdPath(int(h.self.Fd())), []string{zschedName}, attr)
		close(done)
	}
	<-done
	if err != nil {
		return fmt.Errorf("zsched: %w", err)
	}
	go r.wait()
	return nil
}

// wait learns of zsched's end.
func (r *room) wait() {
	for {
		if _, err := unix.Wait4(r.pid, &r.status, 0, nil); err != unix.EINTR {
			break
		}
	}
	close(r.gone)
}

// furnish has zsched leave the machine's file systems, gives the room the devices
// that every program may use, and covers what /proc would show of the machine.
func (r *room) furnish() error {
	if _, _, err := r.ask(&request{Op: "empty"}); err != nil {
		return err
	}
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		path := "/dev/" + name
		if err := r.attach(path, path, 0, true); err != nil {
			return err
		}
	}
	_, _, err := r.ask(&request{Op: "cover"})
	return err
}

// ask makes a request and returns the answer with its descriptors, which the
// caller closes.
func (r *room) ask(q *request, fds ...int) (*response, []int, error) {
	r.asking.Lock()
	defer r.asking.Unlock()
	if err := sendMessage(r.requests, q, fds...); err != nil {
		return nil, nil, r.lost(err)
	}
	answer := new(response)
	passed, err := receiveMessage(r.requests, answer)
	if err != nil {
		return nil, nil, r.lost(err)
	}
	if answer.Errno != 0 {
		closeFDs(passed)
		reason := hostErrno(syscall.Errno(answer.Errno))
		if answer.Point != "" {
			return nil, nil, &host.PointError{Path: answer.Point, Err: reason}
		}
		return nil, nil, fmt.Errorf("%s: %w", answer.Text, reason)
	}
	return answer, passed, nil
}

// lost is the error of a request to a zsched that has gone.
func (r *room) lost(err error) error {
	select {
	case <-r.gone:
		return fmt.Errorf("zsched has ended: %w", errno.ESRCH)
	default:
		return fmt.Errorf("zsched doesn't answer: %w", hostErrno(err))
	}
}

// attach picks a file or directory of the machine up, with all that is mounted
// below, and has zsched put it on a point in the room.
func (r *room) attach(source, point string, flags uint64, makePoint bool) error {
	tree, err := pickUp(source, flags)
	if err != nil {
		return err
	}
	defer unix.Close(tree)
	q := &request{Op: "attach", Point: point}
	if makePoint {
		if q.Make, err = kindOfPoint(tree); err != nil {
			return fmt.Errorf("%s: %w", source, hostErrno(err))
		}
	}
	_, _, err = r.ask(q, tree)
	return err
}

// pickUp returns a copy of what is mounted at and below a path of the machine, which
// nothing happens to that happens there later.
func pickUp(path string, flags uint64) (int, error) {
	tree, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return -1, fmt.Errorf("%s: %w", path, hostErrno(err))
	}
	attr := unix.MountAttr{Attr_set: flags, Propagation: unix.MS_PRIVATE}
	if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attr); err != nil {
		unix.Close(tree)
		return -1, fmt.Errorf("%s: %w", path, hostErrno(err))
	}
	return tree, nil
}

// end kills zsched, and with it whatever is left in its namespaces.
func (r *room) end() {
	select {
	case <-r.gone:
	default:
		unix.Kill(r.pid, unix.SIGKILL)
		<-r.gone
	}
	unix.Close(r.requests)
}
