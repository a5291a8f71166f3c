package linuxhost

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/spare"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// sandbox is the kernel process's view of a zsched in namespaces that are ready for a
// zone: with a /proc and a /dev, and none of the host's file systems.
type sandbox struct {
	exclusive bool   // it has its own network namespace
	pid       int    // of zsched
	namespace string // of its pid namespace link in /proc
	exits     *channel
	gone      chan struct{}
	status    unix.WaitStatus // valid once gone is closed

	asking   sync.Mutex // held during a request
	requests *channel
}

// sandboxes keeps sandboxes ready, so that a zone needn't wait for a process to start. The
// kind says whether it has its own network namespace.
type sandboxes = spare.Keeper[bool, *sandbox]

// spareSandboxes are few: one costs a process of about 5 MB. They are made when no zone is
// booted for a moment, since the processors are busy enough while one is.
var spareSandboxes = spare.Options{Pause: 100 * time.Millisecond, Most: 10, Calm: 10 * time.Second}

func (h *Host) newSandboxes() *sandboxes {
	return spare.New(spareSandboxes, h.newSandbox, (*sandbox).discard)
}

// takeSandbox returns a sandbox of a kind: the one that is ready, or a new one.
func (h *Host) takeSandbox(exclusive bool) (*sandbox, error) {
	defer trace.Begin(trace.Step, "take a sandbox")()
	if s, ok := h.sandboxes.Take(exclusive); ok {
		if s.alive() {
			return s, nil
		}
		s.discard()
	}
	return h.newSandbox(exclusive)
}

// newSandbox starts a zsched.
func (h *Host) newSandbox(exclusive bool) (*sandbox, error) {
	var undos undo.Stack
	defer undos.Run()
	s := &sandbox{exclusive: exclusive, gone: make(chan struct{})}
	var theirs [2]int
	for i, mine := range []**channel{&s.requests, &s.exits} {
		var err error
		if *mine, theirs[i], err = newChannel(); err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		undos.Add((*mine).close)
		defer unix.Close(theirs[i])
	}
	if err := s.start(h, theirs); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	undos.Add(s.end)
	var err error
	if s.namespace, err = pidNamespace(s.pid); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := s.furnish(h.options.devices); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	undos.Drop()
	return s, nil
}

// pidNamespace returns the name of a process's pid namespace.
func pidNamespace(pid int) (string, error) {
	return os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/pid")
}

// start starts the process.
func (s *sandbox) start(h *Host, sockets [2]int) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	flags := uintptr(unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC)
	if s.exclusive {
		flags |= unix.CLONE_NEWNET
	}
	pidfd := -1
	attr := &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{},
		Files: []uintptr{null.Fd(), null.Fd(), null.Fd(), uintptr(sockets[0]), uintptr(sockets[1])},
		Sys:   &syscall.SysProcAttr{Cloneflags: flags, Setsid: true, Pdeathsig: syscall.SIGKILL, PidFD: &pidfd},
	}
	done := make(chan struct{})
	h.spawn <- func() {
		s.pid, err = syscall.ForkExec(fdPath(int(h.self.Fd())), []string{zschedName}, attr)
		close(done)
	}
	<-done
	if err == unix.EPERM || err == unix.EINVAL {
		return failed("clone", zschedName, err) // making the namespaces failed
	}
	if err != nil {
		return notStarted(zschedName, err)
	}
	go s.wait(pidfd)
	return nil
}

// wait waits for zsched's exit.
func (s *sandbox) wait(pidfd int) {
	defer close(s.gone)
	_ = unix.SetNonblock(pidfd, true) // so that waiting blocks no thread
	file := os.NewFile(uintptr(pidfd), zschedName)
	defer file.Close()
	exited := func(options int) bool {
		pid, err := unix.Wait4(s.pid, &s.status, options, nil)
		return pid == s.pid || err != nil && err != unix.EINTR
	}
	raw, err := file.SyscallConn()
	if err == nil {
		err = raw.Read(func(uintptr) bool { return exited(unix.WNOHANG) })
	}
	for err != nil && !exited(0) {
		// This kernel can't poll a pidfd.
	}
}

// furnish has zsched detach the host's file systems, and gives the sandbox the devices
// that every program may use.
func (s *sandbox) furnish(devices []string) error {
	q := &request{Op: opSandbox}
	var trees []int
	defer func() { closeFDs(trees) }()
	for _, name := range devices {
		tree, err := pickUp("/dev/"+name, 0)
		if err != nil {
			return err
		}
		trees = append(trees, tree)
		q.Devices = append(q.Devices, name)
	}
	_, _, err := s.ask(q, trees...)
	return err
}

// ask makes a request and returns the answer. Only opStart gets the descriptors of the
// answer, which it closes. After a failure the answer is returned with its error.
func (s *sandbox) ask(q *request, fds ...int) (*response, []int, error) {
	s.asking.Lock()
	defer s.asking.Unlock()
	defer trace.Begin(trace.Call, "zsched: "+q.Op)()
	q.Trace = trace.Active()
	if err := s.requests.send(q, fds...); err != nil {
		return nil, nil, s.lost(err)
	}
	answer := new(response)
	passed, err := s.requests.receive(answer, maxMessage)
	if err != nil {
		return nil, nil, s.lost(err)
	}
	for i := range answer.Trace {
		answer.Trace[i].PID = s.pid // not the one in the zone
	}
	trace.Add(answer.Trace)
	if q.Op != opStart || answer.Err != nil {
		closeFDs(passed)
		passed = nil
	}
	switch {
	case answer.Err == nil:
		return answer, passed, nil
	case answer.Err.Depth() > zone.MaxCauses:
		return nil, nil, &zone.Error{Op: zschedName, Errno: errno.EIO, Text: fmt.Sprintf("an error of more than %d causes", zone.MaxCauses)}
	}
	return answer, nil, answer.Err
}

// lost returns the error of a request that was not answered.
func (s *sandbox) lost(err error) error {
	if errors.Is(err, errno.E2BIG) {
		return err // it was not sent
	}
	if !s.alive() {
		return &zone.Error{Errno: errno.ESRCH, Text: "zsched has exited"}
	}
	return fmt.Errorf("zsched doesn't answer: %w", err)
}

// alive reports whether zsched has not exited.
func (s *sandbox) alive() bool {
	select {
	case <-s.gone:
		return false
	default:
		return true
	}
}

// end kills zsched, and with it every process left in its namespaces.
func (s *sandbox) end() {
	if s.alive() {
		unix.Kill(s.pid, unix.SIGKILL)
		<-s.gone
	}
	s.requests.close()
}

// discard kills a sandbox that isn't a zone's.
func (s *sandbox) discard() {
	s.end()
	s.exits.close()
}
