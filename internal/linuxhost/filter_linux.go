package linuxhost

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/zone"
)

// closed are system calls that the profile of container engines allows, and a zone may not
// make: they reach the memory of other processes, files by no path, and memory that nobody
// accounts for.
var closed = []string{
	"process_vm_readv", "process_vm_writev", "name_to_handle_at", "open_by_handle_at", "memfd_secret",
	"io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd",
}

// condition is a comparison of an argument of a system call.
type condition struct {
	index       uint
	mask, value uint64 // the argument's bits under the mask have the value
	below       bool   // or the argument is below the value
}

// A rule says what a system call returns: what it does if one of the lists of conditions
// holds, else the error.
type rule struct {
	allowed [][]condition // an empty list always holds
	errno   unix.Errno
}

// systemCalls returns the rules for a zone with these capabilities, by number: the profile
// that container engines ship, less the closed calls. Other numbers up to the highest of
// the architecture fail with EPERM, and those above, which programs may try and do without,
// with ENOSYS.
func systemCalls(a *arch.Info, caps uint64) (map[int]*rule, error) {
	profile, err := seccomp.GetDefaultProfile(&specs.Spec{Process: &specs.Process{
		Capabilities: &specs.LinuxCapabilities{Bounding: capabilityNames(caps)},
	}})
	if err != nil {
		return nil, err
	}
	rules := map[int]*rule{}
	for _, s := range profile.Syscalls {
		for _, name := range s.Names {
			number, has := a.SyscallNames[name]
			if !has || slices.Contains(closed, name) {
				continue
			}
			r := rules[number]
			if r == nil {
				r = &rule{errno: unix.EPERM}
				rules[number] = r
			}
			switch s.Action {
			case specs.ActAllow:
				conditions, err := conditionsOf(s.Args)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				r.allowed = append(r.allowed, conditions)
			case specs.ActErrno:
				if s.ErrnoRet != nil {
					r.errno = unix.Errno(*s.ErrnoRet)
				}
			default:
				return nil, fmt.Errorf("%s: the profile asks for %s", name, s.Action)
			}
		}
	}
	if r := rules[a.SyscallNames["socket"]]; r != nil {
		r.onlyRoutes()
	}
	return rules, nil
}

// onlyRoutes restricts netlink sockets to the protocol that sets up the zone's own network.
// The error is that of a kernel without the protocol: programs that write audit records then
// go on without.
func (r *rule) onlyRoutes() {
	for i, conditions := range r.allowed {
		for _, c := range conditions {
			if c.index == 0 && !c.below && c.value == unix.AF_NETLINK {
				r.allowed[i] = append(conditions, condition{index: 2, mask: ^uint64(0), value: unix.NETLINK_ROUTE})
			}
		}
	}
	r.errno = unix.EPROTONOSUPPORT
}

func conditionsOf(args []specs.LinuxSeccompArg) ([]condition, error) {
	var all []condition
	for _, a := range args {
		c := condition{index: a.Index, mask: ^uint64(0), value: a.Value}
		switch a.Op {
		case specs.OpEqualTo:
		case specs.OpMaskedEqual:
			c.mask, c.value = a.Value, a.ValueTwo
		case specs.OpLessThan:
			c.below = true
		default:
			return nil, fmt.Errorf("the profile compares by %s", a.Op)
		}
		if c.below && c.value > 1<<32-1 {
			return nil, fmt.Errorf("the profile compares with %d", c.value)
		}
		all = append(all, c)
	}
	return all, nil
}

// filters are the filters of zones by capabilities. Few sets of capabilities are in use, and
// making a filter takes a millisecond.
type filters struct {
	mu   sync.Mutex // guards made; no other lock is taken under it
	made map[uint64][]byte
}

// of returns the filter of a zone with these capabilities.
func (f *filters) of(caps uint64) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if filter, made := f.made[caps]; made {
		return filter, nil
	}
	filter, err := systemCallFilter(caps)
	if err != nil {
		return nil, err
	}
	if f.made == nil {
		f.made = map[uint64][]byte{}
	}
	f.made[caps] = filter
	return filter, nil
}

// systemCallFilter returns the filter of a zone with these capabilities, in the form that
// Linux takes. Calls of other architectures, whose numbers differ, return ENOSYS.
func systemCallFilter(caps uint64) ([]byte, error) {
	native, err := arch.GetInfo("")
	if err != nil {
		return nil, fmt.Errorf("system call filter: %w", err)
	}
	rules, err := systemCalls(native, caps)
	if err != nil {
		return nil, fmt.Errorf("system call filter: %w", err)
	}
	program, err := bpf.Assemble(filterOf(native, rules))
	if err != nil {
		return nil, fmt.Errorf("system call filter: %w", err)
	}
	var raw []byte
	for _, in := range program {
		raw = binary.NativeEndian.AppendUint16(raw, in.Op)
		raw = append(raw, in.Jt, in.Jf)
		raw = binary.NativeEndian.AppendUint32(raw, in.K)
	}
	return raw, nil
}

// fails is what a filter returns for a call that fails.
func fails(errno unix.Errno) bpf.RetConstant {
	return bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(errno)}
}

var allow = bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}

// The members of struct seccomp_data.
const (
	numberOffset    = 0
	archOffset      = 4
	argumentsOffset = 16
)

// filterOf is the program of rules.
func filterOf(a *arch.Info, rules map[int]*rule) []bpf.Instruction {
	number := bpf.LoadAbsolute{Off: numberOffset, Size: 4}
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: archOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(a.ID), SkipTrue: 1},
		fails(unix.ENOSYS),
		number,
	}
	var free []int // numbers that are always allowed
	for _, n := range slices.Sorted(maps.Keys(rules)) {
		if rules[n].always() {
			free = append(free, n)
			continue
		}
		body := rules[n].program()
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(n), SkipTrue: 1}, bpf.Jump{Skip: uint32(len(body))})
		program = append(program, body...)
	}
	for len(free) > 0 {
		first, last := free[0], free[0]
		for free = free[1:]; len(free) > 0 && free[0] == last+1; free = free[1:] {
			last++
		}
		program = append(program,
			bpf.JumpIf{Cond: bpf.JumpLessThan, Val: uint32(first), SkipTrue: 2},
			bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: uint32(last), SkipTrue: 1}, allow)
	}
	return append(program,
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: highest(a), SkipTrue: 1}, fails(unix.ENOSYS), fails(unix.EPERM))
}

// highest is the highest number of an architecture that is known here.
func highest(a *arch.Info) uint32 {
	return uint32(slices.Max(slices.Collect(maps.Values(a.SyscallNames))))
}

// always reports whether the call is allowed with any arguments.
func (r *rule) always() bool {
	return slices.ContainsFunc(r.allowed, func(c []condition) bool { return len(c) == 0 })
}

// program is what the filter does for the call.
func (r *rule) program() []bpf.Instruction {
	var body []bpf.Instruction
	for _, conditions := range r.allowed {
		var test []bpf.Instruction
		for i := len(conditions) - 1; i >= 0; i-- {
			test = append(conditions[i].program(len(test)+1), test...)
		}
		body = append(append(body, test...), allow)
	}
	return append(body, fails(r.errno))
}

// program tests the condition, and skips the rest of the test if it doesn't hold.
func (c *condition) program(rest int) []bpf.Instruction {
	low, high := argumentsOffset+8*uint32(c.index), argumentsOffset+8*uint32(c.index)+4
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 { // big-endian
		low, high = high, low
	}
	if c.below {
		return []bpf.Instruction{
			bpf.LoadAbsolute{Off: high, Size: 4},
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: uint8(rest + 2)},
			bpf.LoadAbsolute{Off: low, Size: 4},
			bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: uint32(c.value), SkipTrue: uint8(rest)},
		}
	}
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: high, Size: 4},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: uint32(c.mask >> 32)},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(c.value >> 32), SkipTrue: uint8(rest + 3)},
		bpf.LoadAbsolute{Off: low, Size: 4},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: uint32(c.mask)},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(c.value), SkipTrue: uint8(rest)},
	}
}

// instructions returns a filter as an array of struct sock_filter.
func instructions(raw []byte) ([]unix.SockFilter, error) {
	const size = 8
	n := len(raw) / size
	if n == 0 || n > unix.BPF_MAXINSNS || len(raw)%size != 0 {
		return nil, &zone.Error{Op: zschedName, Errno: zone.ErrnoOf(unix.EINVAL), Text: fmt.Sprintf("a system call filter of %d bytes", len(raw))}
	}
	filter := make([]unix.SockFilter, n)
	for i := range filter {
		in := raw[i*size:]
		filter[i] = unix.SockFilter{
			Code: binary.NativeEndian.Uint16(in), Jt: in[2], Jf: in[3], K: binary.NativeEndian.Uint32(in[4:]),
		}
	}
	return filter, nil
}
