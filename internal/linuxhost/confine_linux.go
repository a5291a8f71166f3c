package linuxhost

import (
	"fmt"
	"slices"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/priv"
)

// capability is a capability that a zone's processes may have if the zone has all of
// these privileges.
type capability struct {
	number int
	privs  []string
}

// capabilities that a zone can have. The others have effects outside a zone, and no
// zone has them.
var capabilities = []capability{
	{unix.CAP_CHOWN, []string{"file_chown"}},
	{unix.CAP_DAC_OVERRIDE, []string{"file_dac_read", "file_dac_write", "file_dac_search", "file_dac_execute"}},
	{unix.CAP_DAC_READ_SEARCH, []string{"file_dac_read", "file_dac_search"}},
	{unix.CAP_FOWNER, []string{"file_owner"}},
	{unix.CAP_FSETID, []string{"file_owner"}},
	{unix.CAP_KILL, []string{"proc_owner"}},
	{unix.CAP_SETGID, []string{"proc_setid"}},
	{unix.CAP_SETUID, []string{"proc_setid"}},
	{unix.CAP_SETPCAP, []string{"proc_setid"}},
	{unix.CAP_SETFCAP, []string{"file_owner"}},
	{unix.CAP_NET_BIND_SERVICE, []string{"net_privaddr"}},
	{unix.CAP_NET_RAW, []string{"net_rawaccess", "net_icmpaccess"}},
	{unix.CAP_NET_ADMIN, []string{"sys_net_config"}},
	{unix.CAP_IPC_OWNER, []string{"ipc_owner"}},
	{unix.CAP_SYS_CHROOT, []string{"proc_chroot"}},
	{unix.CAP_SYS_BOOT, []string{"sys_admin"}},
	{unix.CAP_AUDIT_WRITE, []string{"proc_audit"}},
}

// capsOf returns the capabilities for a set of privileges, as a bit mask. Network
// administration is only for a zone with its own network.
func capsOf(privs priv.Set, exclusiveIP bool) uint64 {
	var caps uint64
	for _, c := range capabilities {
		all := true
		for _, p := range c.privs {
			all = all && privs.Has(p)
		}
		if all && (c.number != unix.CAP_NET_ADMIN || exclusiveIP) {
			caps |= 1 << c.number
		}
	}
	return caps
}

// refused are the system calls that no process of a zone may make: mounts and
// namespaces, code and keys of the Linux kernel, the host's clock, swap and ports. Some
// of them exist on some architectures only.
var refused = []string{
	"mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
	"unshare", "setns", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
	"bpf", "perf_event_open", "keyctl", "add_key", "request_key", "userfaultfd", "open_by_handle_at",
	"swapon", "swapoff", "acct", "quotactl", "settimeofday", "stime", "clock_settime", "clock_settime64", "adjtimex",
	"iopl", "ioperm",
}

// refusedOn returns those of the refused calls that an architecture has.
func refusedOn(a *arch.Info) []string {
	return slices.DeleteFunc(slices.Clone(refused), func(name string) bool {
		_, has := a.SyscallNames[name]
		return !has
	})
}

// systemCallFilter returns the filter of a zone's programs. It refuses
// the calls above, and clone with a new user namespace. It makes clone3, whose flags a
// filter can't see, return ENOSYS, which C libraries handle as on old kernels;
// likewise the calls of other architectures, whose numbers differ.
func systemCallFilter() ([]unix.SockFilter, error) {
	native, err := arch.GetInfo("")
	if err != nil {
		return nil, fmt.Errorf("system call filter: %w", err)
	}
	policy := seccomp.Policy{
		DefaultAction: seccomp.ActionAllow,
		Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionErrno, Names: refusedOn(native)},
			{Action: seccomp.ActionErrno, NamesWithCondtions: []seccomp.NameWithConditions{{
				Name:       "clone",
				Conditions: []seccomp.Condition{{Argument: 0, Operation: seccomp.BitsSet, Value: unix.CLONE_NEWUSER}},
			}}},
		},
	}
	rest, err := policy.Assemble()
	if err != nil {
		return nil, err
	}
	const (
		numberOffset, archOffset = 0, 4 // in struct seccomp_data
		absent                   = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	)
	program, err := bpf.Assemble(append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: archOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(native.ID), SkipTrue: 1},
		bpf.RetConstant{Val: absent},
		bpf.LoadAbsolute{Off: numberOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SYS_CLONE3, SkipTrue: 1},
		bpf.RetConstant{Val: absent},
	}, rest...))
	if err != nil {
		return nil, err
	}
	filter := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return filter, nil
}
