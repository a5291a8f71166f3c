package kernel_test

import (
	"encoding/binary"
	"strconv"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
)

func TestPsecflags(t *testing.T) {
	p := newProgram(t, kernel.Config{}, root())
	call := func(want int64, e errno.Errno, args ...uint64) {
		t.Helper()
		p.call(kernel.SysPsecflags, want, e, args...)
	}
	const and, byPid, byAll, me = 1, 0, 7, -1
	const effective, inherit, lower, upper = 0, 1, 2, 3
	const aslr, noexec = 1, 4
	procset := func(op, lkind, lid, rkind, rid int32) uint64 { return p.put(words32(op, lkind, lid, rkind, rid)) }
	delta := func(add, remove, assign uint64, assigns uint32) uint64 {
		return p.put(append(words64(add, remove, assign), words32(int32(assigns), 0)...))
	}
	self := procset(and, byPid, me, byAll, me)
	call(int64(errno.EINVAL), 0, self, effective, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, self, 4, delta(aslr, 0, 0, 0))
	call(0, 0, self, lower, delta(aslr, 0, 0, 0))
	// Flags of the lower set can't be removed from the others.
	call(-1, errno.EINVAL, self, inherit, delta(0, aslr, 0, 0))
	call(-1, errno.EINVAL, self, inherit, delta(0, 0, noexec, 1))
	call(0, 0, self, inherit, delta(0, 0, aslr|noexec, 1))
	call(-1, errno.EINVAL, self, inherit, delta(1<<40, 0, 0, 0))
	call(0, 0, self, upper, delta(0, 2, 0, 0))
	call(-1, errno.EINVAL, self, inherit, delta(2, 0, 0, 0))
	call(-1, errno.EINVAL, self, inherit, delta(0, 1<<40, 0, 0)) // no such flag
	call(-1, errno.ESRCH, procset(and, byPid, 999999, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, procset(9, byPid, me, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, procset(and, 8, me, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, procset(and, 99, me, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, procset(and, byPid, me, -1, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EFAULT, bad, inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EFAULT, self, inherit, bad)

	p.proc = p.k.AddProc(user())
	call(-1, errno.EPERM, procset(and, byAll, me, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(0, 0, self, inherit, delta(aslr, 0, 0, 0))
}

// TestPsecflagsChoices: the processes selected by two IDs. Each case removes a flag
// from the upper set of the selected ones.
func TestPsecflagsChoices(t *testing.T) {
	const (
		diff, and, or, xor                                   = 0, 1, 2, 3
		byPid, byPPid, byClass, byUID, byAll, byPool, byZone = 0, 1, 4, 5, 7, 11, 12
		me                                                   = -1
		upper, aslr                                          = 3, 1
	)
	for _, test := range []struct {
		name         string
		op           int32
		left, leftID int32
		right, id    int32
		self, other  bool
	}{
		{"all but a user", diff, byAll, me, byUID, 100, true, false},
		{"a user of all", and, byUID, 100, byAll, me, false, true},
		{"one of two users", or, byUID, 0, byUID, 100, true, true},
		{"either, not both", xor, byUID, 100, byAll, me, true, false},
		{"the caller's own user", and, byUID, me, byZone, me, true, false},
		{"the class of both", and, byClass, me, byAll, me, true, true},
		{"the pool of both", and, byPool, me, byAll, me, true, true},
		{"the zone of both", and, byZone, 0, byAll, me, true, true},
		{"the caller's children", and, byPPid, 1, byAll, me, false, false},
		{"the caller's own parent", and, byPPid, me, byAll, me, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newProgram(t, kernel.Config{}, root())
			other := p.k.AddProc(user())
			set := p.put(words32(test.op, test.left, test.leftID, test.right, test.id))
			change := p.put(append(words64(0, aslr, 0), make([]byte, 8)...))
			want := errno.ESRCH
			if test.self || test.other {
				want = 0
			}
			if _, e := p.proc.SystemCall(kernel.SysPsecflags, [6]uint64{set, upper, change}, p.mem); e != want {
				t.Errorf("%v, want %v", e, want)
			}
			snapshot := kernel.Insides(p.k).Inspect()
			for proc, want := range map[*kernel.Proc]bool{p.proc: test.self, other: test.other} {
				flags := snapshot.Procs[strconv.Itoa(int(proc.Pid()))].SecFlags
				if got := flags[upper]&aslr == 0; got != want {
					t.Errorf("the upper set of process %d is %#x", proc.Pid(), flags[upper])
				}
			}
		})
	}
}

func words32(list ...int32) (raw []byte) {
	for _, v := range list {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
	}
	return raw
}

func words64(list ...uint64) (raw []byte) {
	for _, v := range list {
		raw = binary.LittleEndian.AppendUint64(raw, v)
	}
	return raw
}
