package kernel

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// Proc is a process as the kernel knows it: who makes a call, in which zone, with
// which privileges. It implements [zone.System]; every method may be called from
// many goroutines.
type Proc struct {
	k         *Kernel
	pid       int32
	made      uint64 // counts processes: the order in which they were made
	spec      ProcSpec
	zone      atomic.Pointer[Zone]
	ctZone    uint64 // unique id of the zone that its process contract belongs to
	task      *task
	cred      *cred
	class     int
	secflags  secflags.Sets
	privFlags uint32 // PRIV_AWARE and the like (getpflags(2))
	root      string // root directory when it isn't the machine's
	system    bool   // a kernel process: sees no signals, is never killed
	inExec    bool   // an init that has not been executed yet
	hosted    bool   // the host runs it and reports its exit
	exited    bool
	doomed    bool      // ends as soon as its calls have returned
	calls     []*thread // calls being made; guarded by sched.mu
}

// ProcSpec describes a process that is made known to the kernel.
type ProcSpec struct {
	Pid       int32 // 0: the kernel takes the next
	UID       uint32
	Effective priv.Set
	Permitted priv.Set
	LWPs      uint32 // 0: one
	Swap      uint64 // private swap reservation, bytes
	Locked    uint64 // locked memory, bytes
	Model32   bool   // a 32-bit process: zone_create reads the 32-bit structure

	Root             string   // root directory when chrooted
	HoldsContracts   bool     // it holds contracts
	ContractMembers  int      // other members of its process contract
	InheritedUniqIDs []uint64 // zones of the contracts that its own has inherited
	PinnedFile       bool     // has an open file that may not change zones
	PinnedMapping    bool     // has a mapping that may not change zones
	Agent            bool     // the caller is the agent lwp: others need not be stopped
	Unkillable       bool
}

// procTable has the processes by number.
type procTable struct {
	byPid       map[int32]*Proc
	first, next int32
	made        uint64 // number of the last process made
	// early are exits that the host reported before its Start had returned.
	early map[int32]host.Exit
}

const maxPid = 1 << 30

func (t *procTable) init(first int32) {
	t.byPid = map[int32]*Proc{}
	t.early = map[int32]host.Exit{}
	t.first, t.next = first, first
}

// free returns a number that no process has.
func (t *procTable) free() int32 {
	for {
		pid := t.next
		if t.next++; t.next >= maxPid {
			t.next = t.first
		}
		if t.byPid[pid] == nil {
			return pid
		}
	}
}

// add makes a new process known, in a zone.
func (t *procTable) add(p *Proc, z *Zone) {
	t.made++
	p.made = t.made
	t.byPid[p.pid] = p
	z.adopt(p)
}

// rename gives a process the number that the host has for it.
func (t *procTable) rename(p *Proc, pid int32) {
	delete(t.byPid, p.pid)
	p.pid, p.spec.Pid = pid, pid
	t.byPid[pid] = p
}

// takeEarly returns the exit that was reported before the start of a process.
func (t *procTable) takeEarly(pid int32) (host.Exit, bool) {
	e, ok := t.early[pid]
	delete(t.early, pid)
	return e, ok
}

// AddProc makes a process of the global zone known, with a task and a process
// contract of its own.
func (k *Kernel) AddProc(spec ProcSpec) *Proc {
	defer k.enter().leave()
	return k.addProc(spec, newCred(k.global, spec.Effective, spec.Permitted))
}

// addProc makes a process of the global zone, in a task of its own.
func (k *Kernel) addProc(spec ProcSpec, c *cred) *Proc {
	p := k.newProc(spec, k.global)
	p.cred = c
	p.secflags = secflags.Default()
	p.task = newTask(k.global)
	k.global.used.addProc(p)
	return p
}

// newProc registers a process; the caller gives it its credential and its task, and
// counts it.
func (k *Kernel) newProc(spec ProcSpec, z *Zone) *Proc {
	if spec.LWPs == 0 {
		spec.LWPs = 1
	}
	if spec.Pid == 0 {
		spec.Pid = k.procs.free()
	}
	p := &Proc{k: k, pid: spec.Pid, spec: spec, class: k.classes.byName("TS"), root: spec.Root, ctZone: z.UniqID()}
	k.procs.add(p, z)
	return p
}

// adopt puts a process into the zone; disown removes it.
func (z *Zone) adopt(p *Proc) {
	p.zone.Store(z)
	i, _ := slices.BinarySearchFunc(z.procs, p, byAge)
	z.procs = slices.Insert(z.procs, i, p)
}

func (z *Zone) disown(p *Proc) {
	if i, found := slices.BinarySearchFunc(z.procs, p, byAge); found {
		z.procs = slices.Delete(z.procs, i, i+1)
	}
}

func byAge(a, b *Proc) int { return cmp.Compare(a.made, b.made) }

// Exit ends p, once its calls have returned. Init of a running zone that restarts
// it runs on; without restarting, its exit halts the zone.
func (p *Proc) Exit() {
	defer p.k.enter().leave()
	p.exit(zone.ExitStatus{})
}

// exit ends a process as if by itself, with a status.
// Preconditions: the kernel lock is held.
func (p *Proc) exit(status zone.ExitStatus) {
	k, z := p.k, p.zone.Load()
	if z != k.global && z.init.pid == p.pid && z.init.err == nil &&
		k.global.Status() < zone.StatusShuttingDown && z.Status() < zone.StatusShuttingDown {
		switch z.init.after(status) {
		case restartInit:
			return
		case rebootZone:
			if _, noreturn := p.uadmin(nil, uadmin.Reboot, 0, nil); noreturn {
				return
			}
		case haltZone:
			if p.halt() {
				return
			}
		}
	}
	p.end()
}

// end removes a process. One that makes calls is interrupted first and ends when
// they have returned.
// Preconditions: the kernel lock is held.
func (p *Proc) end() {
	if p.exited {
		return
	}
	k, z := p.k, p.zone.Load()
	if k.sched.interrupt(p) {
		p.doomed = true
		return
	}
	p.exited = true
	delete(k.procs.byPid, p.pid)
	z.disown(p)
	if z.init.pid == p.pid && z != k.global {
		z.init.pid = -1
	}
	z.used.removeProc(p)
	p.cred.release()
	p.task.leave()
}

// killKnown ends the processes of the zone that only the kernel knows, in the order
// they were made, all but one; the host reports the exits of its own.
// Preconditions: the kernel lock is held.
func (z *Zone) killKnown(but *Proc) {
	for _, p := range slices.Clone(z.procs) {
		if p.system || p.hosted || p.inExec || p.spec.Unkillable || p == but {
			continue
		}
		p.end()
	}
}

// Interrupt signals p: its blocked calls return EINTR.
func (p *Proc) Interrupt() { p.k.sched.interrupt(p) }

// Proc returns the process with a number; nil when there is none.
func (k *Kernel) Proc(pid int32) *Proc {
	defer k.enter().leave()
	return k.procs.byPid[pid]
}

// Pid returns the process's number.
func (p *Proc) Pid() int32 {
	defer p.k.enter().leave()
	return p.pid
}

// Exited reports whether the process has ended or is about to.
func (p *Proc) Exited() bool {
	defer p.k.enter().leave()
	return p.exited || p.doomed
}

// Zone returns the zone that the process is in.
func (p *Proc) Zone() *Zone { return p.zone.Load() }

// task is a group of processes; a zone with a task but zsched's is not empty.
type task struct {
	zone    *Zone
	members int
}

func newTask(z *Zone) *task {
	z.ntasks++
	return &task{zone: z, members: 1}
}

// leave takes a process out of its task. With the last the task leaves the zone,
// which moves a zone that is being shut down on when only zsched's is left, and ends
// the zone when zsched's leaves (zone_task_rele).
func (t *task) leave() {
	if t.members--; t.members > 0 {
		return
	}
	z := t.zone
	z.ntasks--
	if z.ntasks > 1 {
		return
	}
	z.hold()
	switch {
	case z.ntasks == 1:
		if z.Status() == zone.StatusShuttingDown {
			z.setStatus(zone.StatusEmpty)
		}
	default:
		z.zsched = nil
		z.setStatus(zone.StatusDead)
	}
	z.release()
}
