package linuxhost

import (
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/zone"
)

// What a zsched is started with: its name, and the sockets for requests and for
// exits of processes.
const (
	zschedName = "zsched"
	requestFD  = 3
	exitFD     = 4
)

// IsZsched tells that this process was started to be a zone's zsched; a program
// that contains the host must ask before it does anything else.
func IsZsched() bool { return len(os.Args) == 1 && os.Args[0] == zschedName && os.Getpid() == 1 }

// ZschedMain is the life of a zsched. It returns when the kernel process has exited;
// the caller's exit ends everything in the zone.
func ZschedMain() int {
	// Several hundred of these may run, and what some calls of Linux cost, pivot_root
	// among them, grows with the number of threads on the machine.
	runtime.GOMAXPROCS(1)
	// Whatever else the kernel process had open when it started this.
	unix.CloseRange(requestFD, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	z := &zsched{group: -1, started: make(chan struct{}, 1)}
	exited := takeSignals()
	requests, err := openChannel(requestFD)
	if err != nil {
		return 1
	}
	if z.exits, err = openChannel(exitFD); err != nil {
		return 1
	}
	go z.reap(exited)
	for {
		var r request
		fds, err := requests.receive(&r, maxMessage)
		if err != nil {
			return 0
		}
		answer, passed := z.answer(&r, fds)
		closeFDs(fds)
		err = requests.send(answer, passed...)
		closeFDs(passed)
		if err != nil {
			return 0
		}
	}
}

// takeSignals catches every signal, so that nobody inside can end zsched, which is no
// process to the system that they would be in. They are not ignored: programs that
// zsched starts would inherit that. What it returns tells of children that have exited.
func takeSignals() (exited <-chan os.Signal) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught) // what doesn't fit is dropped
	go func() {
		for range caught {
		}
	}()
	children := make(chan os.Signal, 1) // on its own: none is dropped but where one waits
	signal.Notify(children, unix.SIGCHLD)
	return children
}

// zsched is the state of that process.
type zsched struct {
	spawn   chan func()   // runs on the thread that programs are started from
	started chan struct{} // a program may have been started
	exits   *channel
	group   int        // directory of the control group of v2 that programs are started in, or -1
	ready   bool       // it is a zone's: programs may be started
	mu      sync.Mutex // held while a program is started: the zone isn't empty then
}

// answer carries a request out.
func (z *zsched) answer(r *request, fds []int) (answer *response, passed []int) {
	answer = new(response)
	if r.Trace {
		recording := trace.Start(zschedName)
		defer func() { answer.Trace = recording.Stop() }()
	}
	defer trace.Begin(trace.Step, r.Op)()
	var err error
	switch r.Op {
	case opSandbox:
		err = z.enterSandbox(r.Devices, fds)
	case opZone:
		err = z.enterZone(r.Zone, fds)
	case opMount:
		answer.Done, err = mountAll(r.Mounts, fds)
	case opUnmount:
		err = unmount(r.Point, r.Force)
	case opStart:
		answer.Pid, passed, err = z.start(r.Program, fds)
	case opKill:
		if err = unix.Kill(-1, unix.SIGKILL); err == unix.ESRCH {
			err = nil
		}
		err = failed("kill", "-1", err)
	default:
		err = failed(zschedName, r.Op, unix.EINVAL)
	}
	answer.Err = zone.AsError(err)
	return answer, passed
}

// enterSandbox leaves the host's file systems and prepares the thread that starts
// programs: as much as can be done before the zone is known.
func (z *zsched) enterSandbox(devices []string, trees []int) error {
	if err := enterSandbox(devices, trees); err != nil {
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

// enterZone makes a tree of mounts the root directory, and the thread that starts
// programs one of the zone's. The descriptors are that tree's and the control groups'.
func (z *zsched) enterZone(zone *zoneRequest, fds []int) error {
	if zone == nil || len(fds) == 0 || z.spawn == nil {
		return failed(zschedName, opZone, unix.EINVAL)
	}
	end := trace.Begin(trace.Step, "enter the zone root")
	err := enterRoot(fds[0])
	end()
	if err != nil {
		return fmt.Errorf("zone root: %w", err)
	}
	if err := unix.Sethostname([]byte(zone.Nodename)); err != nil {
		return failed("sethostname", zone.Nodename, err)
	}
	groups := fds[1:]
	if zone.Unified && len(groups) > 0 {
		if z.group, err = unix.FcntlInt(uintptr(groups[0]), unix.F_DUPFD_CLOEXEC, 0); err != nil {
			return failed("fcntl", "control group", err)
		}
	}
	end = trace.Begin(trace.Step, "join the control groups, drop capabilities")
	defer end()
	z.onThread(func() {
		if !zone.Unified {
			err = joinGroups(groups)
		}
		if err == nil {
			err = confine(zone.Capabilities)
		}
	})
	z.ready = err == nil
	return err
}

// reap reaps every process that exits in the zone, zsched's own children and the
// orphans that process 1 gets, and tells the kernel process, last that none is left.
func (z *zsched) reap(exited <-chan os.Signal) {
	empty := true // as the kernel process knows
	for {
		select {
		case <-exited:
		case <-z.started:
			empty = false
		}
		for !empty {
			e := z.nextExit()
			if e == nil {
				break
			}
			empty = e.Last
			if z.exits.send(e) != nil {
				return
			}
		}
	}
}

// nextExit reaps a process that has exited; nil when all of them run.
func (z *zsched) nextExit() *exit {
	z.mu.Lock() // a program that is just being started must have its pidfd first
	defer z.mu.Unlock()
	var status unix.WaitStatus
	pid, err := unix.Wait4(-1, &status, unix.WALL|unix.WNOHANG, nil)
	for err == unix.EINTR {
		pid, err = unix.Wait4(-1, &status, unix.WALL|unix.WNOHANG, nil)
	}
	switch {
	case err == unix.ECHILD:
		return &exit{Last: true}
	case err != nil || pid == 0:
		return nil
	case status.Signaled():
		return &exit{Pid: pid, Signal: int(status.Signal())}
	}
	return &exit{Pid: pid, Code: status.ExitStatus()}
}
