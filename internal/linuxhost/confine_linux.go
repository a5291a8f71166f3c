package linuxhost

import (
	"fmt"
	"runtime"
	"unsafe"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/priv"
)

// capability is what a zone's processes may have, if the zone has all of the
// privileges named, by their numbers.
type capability struct {
	number int
	privs  []int
}

// Privilege numbers, as in sys/priv.
const (
	fileChown      = 7
	fileDACExecute = 9
	fileDACRead    = 10
	fileDACSearch  = 11
	fileDACWrite   = 12
	fileOwner      = 16
	ipcOwner       = 25
	netICMP        = 28
	netPrivaddr    = 32
	netRaw         = 33
	procAudit      = 34
	procChroot     = 35
	procOwner      = 42
	procPriocntl   = 44
	sysAdmin       = 51
	sysNetConfig   = 61
	procSetID      = 47
)

// capabilities of a zone. What isn't here no zone has: they reach the machine.
var capabilities = []capability{
	{unix.CAP_CHOWN, []int{fileChown}},
	{unix.CAP_DAC_OVERRIDE, []int{fileDACRead, fileDACWrite, fileDACSearch, fileDACExecute}},
	{unix.CAP_DAC_READ_SEARCH, []int{fileDACRead, fileDACSearch}},
	{unix.CAP_FOWNER, []int{fileOwner}},
	{unix.CAP_FSETID, []int{fileOwner}},
	{unix.CAP_KILL, []int{procOwner}},
	{unix.CAP_SETGID, []int{procSetID}},
	{unix.CAP_SETUID, []int{procSetID}},
	{unix.CAP_SETPCAP, []int{procSetID}},
	{unix.CAP_SETFCAP, []int{fileOwner}},
	{unix.CAP_NET_BIND_SERVICE, []int{netPrivaddr}},
	{unix.CAP_NET_RAW, []int{netRaw, netICMP}},
	{unix.CAP_NET_ADMIN, []int{sysNetConfig}},
	{unix.CAP_IPC_OWNER, []int{ipcOwner}},
	{unix.CAP_SYS_CHROOT, []int{procChroot}},
	{unix.CAP_SYS_BOOT, []int{sysAdmin}},
	{unix.CAP_AUDIT_WRITE, []int{procAudit}},
}

// capsOf are the capabilities that privileges stand for, as a bit mask. Network
// administration is only for a zone with a network of its own.
func capsOf(privs priv.Set, exclusiveIP bool) uint64 {
	var caps uint64
	for _, c := range capabilities {
		all := true
		for _, p := range c.privs {
			all = all && privs[p/32]&(1<<(31-p%32)) != 0
		}
		if all && (c.number != unix.CAP_NET_ADMIN || exclusiveIP) {
			caps |= 1 << c.number
		}
	}
	return caps
}

// confine leaves the calling thread, and what it starts, with these capabilities.
func confine(caps uint64) error {
	for c := 0; c <= unix.CAP_LAST_CAP; c++ {
		if caps&(1<<c) != 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil && err != unix.EINVAL {
			return fmt.Errorf("capability %d: %w", c, err)
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	data := [2]unix.CapUserData{
		{Effective: uint32(caps), Permitted: uint32(caps)},
		{Effective: uint32(caps >> 32), Permitted: uint32(caps >> 32)},
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return fmt.Errorf("capabilities: %w", err)
	}
	return nil
}

// refused are the system calls that no process of a zone may make: mounts and
// namespaces, code and keys of the kernel, the machine's clock, swap and ports.
var refused = []string{
	"mount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
	"unshare", "setns", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
	"bpf", "perf_event_open", "keyctl", "add_key", "request_key", "userfaultfd", "open_by_handle_at",
	"swapon", "swapoff", "acct", "quotactl", "settimeofday", "clock_settime", "adjtimex", "iopl", "ioperm",
}

// loadFilter puts the filter on the calling thread, which is then without the system
// calls that reach around the zone. Beside the calls above, clone
// can't make user namespaces; clone3, whose flags a filter can't see, isn't there,
// which C libraries expect of old systems; and neither are the calls of other
// architectures, whose numbers mean something else.
func loadFilter() error {
	policy := seccomp.Policy{
		DefaultAction: seccomp.ActionAllow,
		Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionErrno, Names: refused},
			{Action: seccomp.ActionErrno, NamesWithCondtions: []seccomp.NameWithConditions{{
				Name:       "clone",
				Conditions: []seccomp.Condition{{Argument: 0, Operation: seccomp.BitsSet, Value: unix.CLONE_NEWUSER}},
			}}},
		},
	}
	rest, err := policy.Assemble()
	if err != nil {
		return err
	}
	const (
		numberOffset, archOffset = 0, 4 // in struct seccomp_data
		absent                   = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	)
	program, err := bpf.Assemble(append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: archOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: nativeArch, SkipTrue: 1},
		bpf.RetConstant{Val: absent},
		bpf.LoadAbsolute{Off: numberOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SYS_CLONE3, SkipTrue: 1},
		bpf.RetConstant{Val: absent},
	}, rest...))
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	fprog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, number := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&fprog)))
	runtime.KeepAlive(filter)
	if number != 0 {
		return fmt.Errorf("system call filter: %w", number)
	}
	return nil
}
