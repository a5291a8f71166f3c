package linuxhost

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// child is a program as zsched forks it. What package syscall does between fork and exec
// isn't enough: the process must enter its control group by clone3, which the filter of
// the zone refuses, before it loads that filter; and no thread of zsched may have the
// privileges of the zone, for a process of the zone could trace it, and so command zsched.
type child struct {
	path string
	args []string
	env  []string
	dir  string
	std  [3]int // descriptors; 3 or higher

	uid, gid  uint32
	groups    []uint32
	setGroups bool // the supplementary groups can be set
	terminal  bool // its standard input becomes its controlling terminal

	policy int // of scheduling; 0 is that of zsched
	group  int // directory of a v2 control group, or -1
	caps   uint64
	filter []unix.SockFilter
}

// The steps of a child that can fail, as its message says.
const (
	atSession = iota
	atPolicy
	atBound
	atFilter
	atTraced
	atCapabilities
	atGroups
	atGID
	atUID
	atDir
	atStandard
	atLimit
	atTerminal
	atExec
)

// stepCalls are the Linux calls of the steps.
var stepCalls = [...]string{
	atSession: "setsid", atPolicy: "sched_setscheduler", atBound: "PR_CAPBSET_DROP", atFilter: "PR_SET_SECCOMP",
	atTraced: "PR_SET_DUMPABLE", atCapabilities: "capset", atGroups: "setgroups", atGID: "setgid", atUID: "setuid",
	atDir: "chdir", atStandard: "dup3", atLimit: "prlimit", atTerminal: "TIOCSCTTY", atExec: "execve",
}

// softFiles is the soft limit of open files of a program, Linux's default. The limit of
// zsched is another: package os raises it.
const softFiles = 1024

// startError is the step of a child that failed.
type startError struct {
	step int
	unix.Errno
}

func (e *startError) Unwrap() error { return e.Errno }

// cloneArgs is struct clone_args up to cgroup.
type cloneArgs struct {
	flags, pidfd, childTID, parentTID, exitSignal, stack, stackSize, tls, setTID, setTIDSize, cgroup uint64
}

// image is a child in the form that system calls take.
type image struct {
	path, dir  *byte
	argv, envv []*byte
	groups     *uint32
	fprog      unix.SockFprog
	header     unix.CapUserHeader
	caps       [2]unix.CapUserData
	files      unix.Rlimit
	priority   int32   // of a real-time policy (struct sched_param)
	last       uintptr // the highest capability that this kernel has
}

// start starts the program, and returns its process id and a pidfd. The error is a
// startError if a step failed.
func (c *child) start() (pid, pidfd int, err error) {
	var i image
	if i.path, err = unix.BytePtrFromString(c.path); err == nil {
		i.dir, err = unix.BytePtrFromString(c.dir)
	}
	if err == nil {
		i.argv, err = syscall.SlicePtrFromStrings(c.args)
	}
	if err == nil {
		i.envv, err = syscall.SlicePtrFromStrings(c.env)
	}
	if err != nil {
		return 0, -1, err
	}
	if len(c.groups) > 0 {
		i.groups = &c.groups[0]
	}
	i.fprog = unix.SockFprog{Len: uint16(len(c.filter)), Filter: &c.filter[0]}
	i.header = unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	i.caps = capData(c.caps)
	i.last = lastCapability()
	if c.policy == unix.SCHED_RR {
		i.priority = 1
	}
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &i.files); err != nil {
		return 0, -1, failed("prlimit", "RLIMIT_NOFILE", err)
	}
	i.files.Cur = min(softFiles, i.files.Max)
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return 0, -1, failed("pipe2", c.path, err)
	}
	defer unix.Close(pipe[0])
	syscall.ForkLock.Lock()
	pid, pidfd, errno := c.fork(&i, pipe[1])
	syscall.ForkLock.Unlock()
	unix.Close(pipe[1])
	runtime.KeepAlive(c)
	if errno != 0 {
		return 0, -1, failed("clone", c.path, errno)
	}
	var told [2]uint32
	n, err := readAll(pipe[0], unsafe.Slice((*byte)(unsafe.Pointer(&told)), unsafe.Sizeof(told)))
	if err == nil && n == 0 {
		return pid, pidfd, nil
	}
	unix.Close(pidfd)
	if _, reaped := wait(pid); err == nil {
		err = reaped
	}
	if n == int(unsafe.Sizeof(told)) && told[0] < uint32(len(stepCalls)) {
		err = &startError{step: int(told[0]), Errno: unix.Errno(told[1])}
	}
	if err == nil {
		err = fmt.Errorf("the child of zsched died: %w", unix.ECHILD)
	}
	return 0, -1, err
}

// capData is a set of capabilities, permitted and effective.
func capData(caps uint64) [2]unix.CapUserData {
	return [2]unix.CapUserData{
		{Effective: uint32(caps), Permitted: uint32(caps)},
		{Effective: uint32(caps >> 32), Permitted: uint32(caps >> 32)},
	}
}

// lastCapability is the number of the highest capability of this kernel.
var lastCapability = sync.OnceValue(func() uintptr {
	has := func(c int) bool {
		_, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(c), 0, 0, 0)
		return err == nil
	}
	last := 0
	for last < 63 && has(last+1) {
		last++
	}
	return uintptr(last)
})

func readAll(fd int, b []byte) (n int, err error) {
	for n < len(b) {
		m, err := unix.Read(fd, b[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || m == 0 {
			return n, err
		}
		n += m
	}
	return n, nil
}

// wait reaps a child.
func wait(pid int) (status unix.WaitStatus, err error) {
	for {
		if _, err = unix.Wait4(pid, &status, 0, nil); err != unix.EINTR {
			return status, err
		}
	}
}

// These stop the signals of this process around a fork, and restore their defaults in the
// child.

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

//go:linkname afterForkInChild syscall.runtime_AfterForkInChild
func afterForkInChild()

// fork forks and, in the child, becomes the program. The child has a copy of the memory
// of zsched but one thread of many: it may not allocate, take a lock or let its stack
// grow, so it calls nothing but system calls. A failure goes to the pipe.
//
//go:noinline
//go:norace
//go:nocheckptr
func (c *child) fork(i *image, pipe int) (pid, pidfd int, errno syscall.Errno) {
	var (
		fd    int32 = -1
		r     uintptr
		e     syscall.Errno
		told  [2]uint32
		n     uintptr
		group = c.group
		clone = cloneArgs{flags: unix.CLONE_PIDFD, exitSignal: uint64(unix.SIGCHLD)}
	)
	beforeFork() // from here the stack doesn't move
	if group >= 0 {
		clone.flags |= unix.CLONE_INTO_CGROUP
		clone.pidfd = uint64(uintptr(unsafe.Pointer(&fd)))
		clone.cgroup = uint64(group)
		r, _, e = syscall.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&clone)), unsafe.Sizeof(clone), 0)
	} else {
		// Where control groups are v1, or there are none, as on kernels without clone3.
		r, _, e = syscall.RawSyscall6(unix.SYS_CLONE, unix.CLONE_PIDFD|uintptr(unix.SIGCHLD), 0, uintptr(unsafe.Pointer(&fd)), 0, 0, 0)
	}
	if e != 0 || r != 0 {
		afterFork()
		return int(r), int(fd), e
	}
	afterForkInChild()

	if _, _, e = syscall.RawSyscall(unix.SYS_SETSID, 0, 0, 0); e != 0 {
		told[0] = atSession
		goto fail
	}
	// Its control group is the root of the groups that it sees. Without the privilege to
	// hide them, or on a kernel that can't, it sees their names.
	_, _, _ = syscall.RawSyscall(unix.SYS_UNSHARE, unix.CLONE_NEWCGROUP, 0, 0)
	if c.policy != 0 {
		if _, _, e = syscall.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, 0, uintptr(c.policy), uintptr(unsafe.Pointer(&i.priority))); e != 0 {
			told[0] = atPolicy
			goto fail
		}
	}
	for n = 0; n <= i.last; n++ {
		if c.caps&(1<<n) != 0 {
			continue
		}
		if _, _, e = syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, n, 0, 0, 0, 0); e != 0 {
			told[0] = atBound
			goto fail
		}
	}
	// The filter before the capability is gone that loading it needs.
	if _, _, e = syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&i.fprog)), 0, 0, 0); e != 0 {
		told[0] = atFilter
		goto fail
	}
	// Nobody traces this copy of zsched: root of the zone could, once it has the
	// capabilities of the zone. Exec ends that.
	if _, _, e = syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0, 0, 0, 0, 0); e != 0 {
		told[0] = atTraced
		goto fail
	}
	if _, _, e = syscall.RawSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&i.header)), uintptr(unsafe.Pointer(&i.caps)), 0); e != 0 {
		told[0] = atCapabilities
		goto fail
	}
	if c.setGroups {
		if _, _, e = syscall.RawSyscall(sysSetgroups, uintptr(len(c.groups)), uintptr(unsafe.Pointer(i.groups)), 0); e != 0 {
			told[0] = atGroups
			goto fail
		}
	}
	if _, _, e = syscall.RawSyscall(sysSetgid, uintptr(c.gid), 0, 0); e != 0 {
		told[0] = atGID
		goto fail
	}
	if _, _, e = syscall.RawSyscall(sysSetuid, uintptr(c.uid), 0, 0); e != 0 {
		told[0] = atUID
		goto fail
	}
	if _, _, e = syscall.RawSyscall(unix.SYS_CHDIR, uintptr(unsafe.Pointer(i.dir)), 0, 0); e != 0 {
		told[0] = atDir
		goto fail
	}
	for n = 0; n < 3; n++ {
		if _, _, e = syscall.RawSyscall(unix.SYS_DUP3, uintptr(c.std[n]), n, 0); e != 0 {
			told[0] = atStandard
			goto fail
		}
	}
	if _, _, e = syscall.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&i.files)), 0, 0, 0); e != 0 {
		told[0] = atLimit
		goto fail
	}
	if c.terminal {
		if _, _, e = syscall.RawSyscall(unix.SYS_IOCTL, 0, unix.TIOCSCTTY, 1); e != 0 {
			told[0] = atTerminal
			goto fail
		}
	}
	_, _, e = syscall.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(i.path)), uintptr(unsafe.Pointer(&i.argv[0])), uintptr(unsafe.Pointer(&i.envv[0])))
	told[0] = atExec
fail:
	told[1] = uint32(e)
	_, _, _ = syscall.RawSyscall(unix.SYS_WRITE, uintptr(pipe), uintptr(unsafe.Pointer(&told)), unsafe.Sizeof(told))
	for {
		_, _, _ = syscall.RawSyscall(unix.SYS_EXIT, 253, 0, 0)
	}
}
