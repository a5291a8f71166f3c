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

// A zsched's name and its descriptors: the sockets for requests and for exits of
// processes.
const (
	zschedName = "zsched"
	requestFD  = 3
	exitFD     = 4
)

// IsZsched reports whether this process was started as a zone's zsched. A program that
// contains the host must call it before it does anything else.
func IsZsched() bool { return len(os.Args) == 1 && os.Args[0] == zschedName && os.Getpid() == 1 }

// ZschedMain runs a zsched. It returns when the kernel process has exited; the
// caller's exit then kills every process in the zone.
func ZschedMain() int {
	// Several hundred zscheds may run, and some Linux calls, such as pivot_root, cost
	// more the more threads the host has.
	runtime.GOMAXPROCS(1)
	// Close on exec whatever else the kernel process had open.
	if unix.CloseRange(requestFD, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		return 1 // programs in the zone would get it
	}
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

// takeSignals catches every signal, so that no process in the zone can kill zsched,
// which in illumos isn't a process that could be killed. Signals aren't ignored,
// because the programs that zsched starts would inherit that. The channel receives
// SIGCHLD.
func takeSignals() (exited <-chan os.Signal) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught) // signals that don't fit are dropped
	go func() {
		for range caught {
		}
	}()
	children := make(chan os.Signal, 1) // a separate channel: one is dropped only if another is pending
	signal.Notify(children, unix.SIGCHLD)
	return children
}

// zsched is the state of the zsched process.
type zsched struct {
	spawn        chan func()   // runs on the thread that starts programs
	started      chan struct{} // a program may have been started
	exits        *channel
	group        int               // directory of the v2 control group for programs, or -1
	filter       []unix.SockFilter // of the programs
	capabilities uint64            // of the programs
	ready        bool              // it is a zone's: programs may be started
	mu           sync.Mutex        // held while a program is started, since the zone isn't empty then
}

// answer carries out a request.
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
	case opHostID:
		err = writeHostID(r.HostID)
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

// enterSandbox detaches the host's file systems and prepares the thread that starts
// programs: everything that can be done before the zone is known.
func (z *zsched) enterSandbox(devices []string, trees []int) error {
	if err := enterSandbox(devices, trees); err != nil {
		return err
	}
	z.spawn = make(chan func())
	go func() {
		// v1 control groups are per thread and inherited by its children. The thread is
		// never unlocked.
		runtime.LockOSThread()
		for f := range z.spawn {
			f()
		}
	}()
	return nil
}

// onThread runs a function on that thread.
func (z *zsched) onThread(f func()) {
	done := make(chan struct{})
	z.spawn <- func() {
		f()
		close(done)
	}
	<-done
}

// enterZone makes a mount tree the root directory, and puts the thread that starts
// programs into the control groups of the zone. The descriptors are that tree's and the control groups'.
func (z *zsched) enterZone(zone *zoneRequest, fds []int) error {
	if zone == nil || len(fds) == 0 || z.spawn == nil {
		return failed(zschedName, opZone, unix.EINVAL)
	}
	var err error
	if z.filter, err = instructions(zone.Filter); err != nil {
		return err
	}
	end := trace.Begin(trace.Step, "enter the zone root")
	err = enterRoot(fds[0])
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
	z.capabilities = zone.Capabilities
	if !zone.Unified {
		defer trace.Begin(trace.Step, "join the control groups")()
		z.onThread(func() { err = joinGroups(groups) })
	}
	z.ready = err == nil
	return err
}

// reap reaps every process that exits in the zone, both zsched's children and orphans
// reparented to process 1. It reports each exit to the kernel process, and finally
// that none is left.
func (z *zsched) reap(exited <-chan os.Signal) {
	empty := true // as last reported to the kernel process
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

// nextExit reaps a process that has exited. It returns nil if there is none.
func (z *zsched) nextExit() *exit {
	z.mu.Lock() // wait until a program that is being started has its pidfd
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
