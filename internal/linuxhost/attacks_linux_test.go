package linuxhost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/zone"
)

// attacks are what this program does inside a zone, to get out. Each prints what it achieved.
var attacks = map[string]func() int{"chroot": escapeRoot, "trace": traceZsched, "calls": walkCalls}

// attack runs an attack in a zone and returns its output.
func (m *machine) attack(id zone.ID, root, name string) string {
	m.Helper()
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		m.Fatal(err)
	}
	m.write(root+"/root/attack", string(self))
	out, _ := m.run(id, "ZONES_TEST_ATTACK="+name+" /root/attack")
	return out
}

// escapeRoot walks up from a directory outside its root directory as far as possible, and
// reports where it got to.
func escapeRoot() int {
	err := func() error {
		before, err := os.Stat("/")
		if err != nil {
			return err
		}
		top, err := os.Open("/")
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp("/tmp", "escape")
		if err != nil {
			return err
		}
		if err := errors.Join(syscall.Chroot(dir), top.Chdir()); err != nil {
			return err
		}
		for range 100 {
			if err := os.Chdir(".."); err != nil {
				return err
			}
		}
		after, err := os.Stat(".")
		if err != nil {
			return err
		}
		if !os.SameFile(before, after) {
			return errors.New("outside of the zone's root")
		}
		return nil
	}()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("the zone's root")
	return 0
}

// traceZsched tries to trace each thread of process 1: who traces one commands them all.
func traceZsched() int {
	runtime.LockOSThread()
	threads, err := filepath.Glob("/proc/1/task/*")
	if err != nil || len(threads) == 0 {
		fmt.Println("no threads:", err)
		return 1
	}
	for _, path := range threads {
		tid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			fmt.Println(err)
			return 1
		}
		if err := unix.PtraceSeize(tid); err == nil {
			fmt.Println("traces thread", tid, "of zsched")
			return 1
		}
		var word [8]byte
		local := []unix.Iovec{{Base: &word[0]}}
		local[0].SetLen(len(word))
		if n, err := unix.ProcessVMReadv(tid, local, []unix.RemoteIovec{{Base: 0x400000, Len: len(word)}}, 0); err == nil {
			fmt.Println("reads", n, "bytes of thread", tid, "of zsched")
			return 1
		}
	}
	fmt.Println("refused")
	return 0
}

// probes are the numbers of uretprobe and uprobe of amd64, unused elsewhere: no calls for
// programs, but ends of the Linux kernel's own probes. No filter sees them, and made anywhere
// else they are a signal.
var probes = []int{335, 336}

// walkCalls tries every system call and prints what the filter of the zone says. A second
// filter, whose answer counts only where the first one allows a call, keeps the call from
// being made: without a tracer it returns ENOSYS. So what the first one says is absent is
// tried before.
func walkCalls() int {
	runtime.LockOSThread()
	native, err := arch.GetInfo("")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	top := int(highest(native))
	try := func(number int, args ...uintptr) unix.Errno {
		args = append(args, 0, 0, 0)
		_, _, e := unix.RawSyscall(uintptr(number), args[0], args[1], args[2])
		return e
	}
	absent := map[int]bool{}
	for n := top + 1; n < top+20; n++ {
		absent[n] = try(n) == unix.ENOSYS
	}
	absent[unix.SYS_CLONE3] = try(unix.SYS_CLONE3) == unix.ENOSYS
	const x32 = 1 << 30
	beyond := try(x32|unix.SYS_GETPID) == unix.ENOSYS
	var sockets []string
	for _, s := range []struct {
		name             string
		family, protocol uintptr
	}{
		{"unix", unix.AF_UNIX, 0}, {"inet", unix.AF_INET, 0}, {"inet6", unix.AF_INET6, 0},
		{"netlink route", unix.AF_NETLINK, unix.NETLINK_ROUTE}, {"netlink audit", unix.AF_NETLINK, unix.NETLINK_AUDIT},
		{"netlink uevent", unix.AF_NETLINK, unix.NETLINK_KOBJECT_UEVENT},
		{"packet", unix.AF_PACKET, 0}, {"vsock", unix.AF_VSOCK, 0}, {"alg", unix.AF_ALG, 0}, {"huge", unix.AF_VSOCK | 1<<31, 0},
	} {
		what := "true"
		if e := try(unix.SYS_SOCKET, s.family, unix.SOCK_DGRAM, s.protocol); e != 0 {
			what = unix.ErrnoName(e)
		}
		sockets = append(sockets, "socket "+s.name+" "+what)
	}
	var kept []uint32 // what this program goes on with
	for _, name := range []string{"write", "exit_group", "futex", "mmap", "mmap2", "munmap", "madvise", "rt_sigprocmask", "rt_sigreturn", "tgkill", "nanosleep", "epoll_pwait"} {
		if n, has := native.SyscallNames[name]; has {
			kept = append(kept, uint32(n))
		}
	}
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: numberOffset, Size: 4}}
	for _, n := range kept {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: n, SkipFalse: 1}, allow)
	}
	raw, err := bpf.Assemble(append(program, bpf.RetConstant{Val: unix.SECCOMP_RET_TRACE}))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, in := range raw {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	fprog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	err = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err == nil {
		err = unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&fprog)), 0, 0)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for n := range top + 20 {
		if slices.Contains(probes, n) {
			continue
		}
		what := "allowed"
		switch {
		case absent[n]:
			what = "ENOSYS"
		case slices.Contains(kept, uint32(n)):
		default:
			if e := try(n); e != unix.ENOSYS {
				what = unix.ErrnoName(e)
			}
		}
		fmt.Println(n, what)
	}
	if beyond {
		fmt.Println("x32 ENOSYS")
	}
	for _, s := range sockets {
		fmt.Println(s)
	}
	return 0
}
