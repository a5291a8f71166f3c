package kernel

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// Proc is a process as the kernel knows it: who makes a call, in which zone, with
// which privileges. It implements [zone.System]; every method may be called from
// many goroutines. Fields belong to the kernel lock but for the atomic one and
// those that never change.
type Proc struct {
	k        *Kernel
	pid      int32
	spec     ProcSpec
	zone     atomic.Pointer[Zone]
	ctZone   uint64 // unique id of the zone that its process contract belongs to
	task     *task
	cred     *cred
	class    int
	secflags SecFlags
	// privFlags are PRIV_AWARE and the like (getpflags(2)).
	privFlags uint32
	root      string // root directory when it isn't the machine's
	system    bool   // a kernel process: sees no signals, is never killed
	inExec    bool   // an init that has not been executed yet
	hosted    bool   // the host runs it and tells of its end
	exited    bool
	doomed    bool      // ends as soon as its blocked calls have returned
	calls     []*thread // calls being made; guarded by sched.mu

	made       uint64 // counts processes: the order in which they were made
	prev, next *Proc  // in its zone's list
}

// ProcSpec describes a process that is made known to the kernel.
type ProcSpec struct {
	Pid       int32 // 0: the kernel takes the next
	UID       uint32
	Effective priv.Set
	Permitted priv.Set
	LWPs      uint32
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

// cred is a credential: what a process may do and in which zone that counts.
type cred struct {
	zone                 *Zone
	effective, permitted priv.Set
	inheritable, limit   priv.Set // of no effect here but on what setppriv(2) lets through
	refs                 int
}

func newCred(z *Zone, effective, permitted priv.Set) *cred {
	z.credHold()
	return &cred{zone: z, effective: effective, permitted: permitted,
		inheritable: priv.Basic(), limit: fullSet, refs: 1}
}

func (c *cred) hold() *cred { c.refs++; return c }

func (c *cred) release() {
	if c.refs--; c.refs == 0 {
		c.zone.credRelease()
	}
}

// task is a group of processes; a zone with a task but zsched's is not empty.
type task struct {
	zone    *Zone
	members int
}

func (k *Kernel) newTask(z *Zone) *task {
	z.ntasks++
	return &task{zone: z, members: 1}
}

// releaseTask takes a process out of its task. With the last the task leaves the
// zone, which moves a zone that is being shut down on when only zsched's is left,
// and ends the zone when that goes (zone_task_rele).
func (k *Kernel) releaseTask(t *task) {
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

// AddProc makes a process of the global zone known, with a task and a process
// contract of its own.
func (k *Kernel) AddProc(spec ProcSpec) *Proc {
	defer k.enterAs(nil)()
	p := k.newProc(spec, k.global)
	p.cred = newCred(k.global, spec.Effective, spec.Permitted)
	p.secflags = defaultSecFlags
	p.task = k.newTask(k.global)
	k.global.addProc(p)
	return p
}

// newProc registers a process; the caller gives it its credential and its task.
func (k *Kernel) newProc(spec ProcSpec, z *Zone) *Proc {
	if spec.LWPs == 0 {
		spec.LWPs = 1
	}
	if spec.Pid == 0 {
		spec.Pid = k.allocPid()
	}
	p := &Proc{k: k, pid: spec.Pid, spec: spec, class: k.classTS, root: spec.Root}
	p.zone.Store(z)
	p.ctZone = z.UniqID()
	k.procs[p.pid] = p
	z.list(p)
	return p
}

func (k *Kernel) allocPid() int32 {
	for {
		pid := k.nextPid
		k.nextPid++
		if k.nextPid >= maxPid {
			k.nextPid = k.firstPid
		}
		if k.procs[pid] == nil {
			return pid
		}
	}
}

// addProc counts a process in; removeProc out.
func (z *Zone) addProc(p *Proc) {
	z.nlwps += p.spec.LWPs
	z.nprocs++
	z.lockedMem += p.spec.Locked
	z.maxSwap += p.spec.Swap
}

func (z *Zone) removeProc(p *Proc) {
	z.nlwps -= p.spec.LWPs
	z.nprocs--
	z.lockedMem -= p.spec.Locked
	z.maxSwap -= p.spec.Swap
}

// Fork makes a child of p with one lwp of the default class, in p's task or in a
// new one of its zone.
func (p *Proc) Fork(pid int32, newTask bool) *Proc {
	k := p.k
	defer k.enterAs(nil)()
	spec := ProcSpec{Pid: pid, UID: p.spec.UID, LWPs: 1, Model32: p.spec.Model32}
	z := p.zone.Load()
	child := k.newProc(spec, z)
	child.cred = p.cred.hold()
	child.ctZone, child.secflags, child.root = p.ctZone, p.secflags, p.root
	if newTask {
		child.task = k.newTask(z)
	} else {
		child.task = p.task
		child.task.members++
	}
	z.addProc(child)
	return child
}

// Exit ends p, once its blocked calls have returned. Init of a running zone that
// restarts it just begins again; without restarting, its end halts the zone.
func (p *Proc) Exit() {
	defer p.k.enterAs(nil)()
	p.k.exit(p)
}

// exit ends a process as if by itself.
// Preconditions: the kernel lock is held.
func (k *Kernel) exit(p *Proc) {
	z := p.zone.Load()
	if z != k.global && z.initPid == p.pid && z.bootErr == 0 &&
		k.global.Status() < zone.StatusShuttingDown && z.Status() < zone.StatusShuttingDown {
		if z.restartInit {
			return
		}
		if _, noreturn := k.kadmin(p, nil, adminShutdown, adminHalt, nil); noreturn {
			return
		}
	}
	k.end(p)
}

// end takes a process away. One with blocked calls is interrupted first and goes
// when they have returned.
// Preconditions: the kernel lock is held.
func (k *Kernel) end(p *Proc) {
	if p.exited {
		return
	}
	if calls := k.callsOf(p); len(calls) > 0 {
		p.doomed = true
		for _, t := range calls {
			k.post(t)
		}
		return
	}
	p.exited = true
	z := p.zone.Load()
	delete(k.procs, p.pid)
	z.unlist(p)
	if z.initPid == p.pid && z != k.global {
		z.initPid = -1
	}
	z.removeProc(p)
	p.cred.release()
	k.releaseTask(p.task)
}

func (k *Kernel) callsOf(p *Proc) []*thread {
	k.sched.mu.Lock()
	defer k.sched.mu.Unlock()
	return slices.Clone(p.calls)
}

// SetUnkillable says whether killing its zone leaves p alone.
func (p *Proc) SetUnkillable(on bool) {
	defer p.k.enterAs(nil)()
	p.spec.Unkillable = on
}

// Interrupt signals p: its blocked calls return EINTR.
func (p *Proc) Interrupt() {
	for _, t := range p.k.callsOf(p) {
		p.k.post(t)
	}
}

// killall ends every process of a zone that can be ended now.
// Preconditions: the kernel lock is held.
func (k *Kernel) killall(t *thread, z *Zone) {
	key := z.key()
	k.outside(t, func() { k.host.KillAll(key) })
	k.killKnown(t, z)
}

// killKnown ends those that only the kernel knows, in the order they were made;
// the host tells of its own when they are gone.
func (k *Kernel) killKnown(t *thread, z *Zone) {
	for _, p := range z.members() {
		if p.system || p.hosted || p.inExec || p.spec.Unkillable || p == t.proc {
			continue
		}
		k.end(p)
	}
}

// list and unlist keep the list of a zone's processes.
func (z *Zone) list(p *Proc) {
	if p.made == 0 {
		z.k.lastProc++
		p.made = z.k.lastProc
	}
	p.prev, p.next = nil, z.procs
	if z.procs != nil {
		z.procs.prev = p
	}
	z.procs = p
}

func (z *Zone) unlist(p *Proc) {
	if p.prev == nil {
		z.procs = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	}
}

// members returns the processes of a zone in the order they were made.
func (z *Zone) members() []*Proc {
	var all []*Proc
	for p := z.procs; p != nil; p = p.next {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Proc) int { return cmp.Compare(a.made, b.made) })
	return all
}

// mayConfig is the privilege to configure zones: a full effective set
// (secpolicy_zone_config).
func (p *Proc) mayConfig() bool { return p.cred.effective == fullSet }

// mayAdmin is the privilege to end the zone (secpolicy_zone_admin).
func (c *cred) mayAdmin() bool { return hasPriv(c.effective, privSysAdmin) }

// Privilege numbers that the zone subsystem itself asks for.
const privSysAdmin = 51 // PRIV_SYS_ADMIN

// fullSet has every bit set, also those that stand for no privilege.
var fullSet = priv.Set{0xffffffff, 0xffffffff, 0xffffffff}

func hasPriv(s priv.Set, number int) bool { return s[number/32]&(1<<(31-number%32)) != 0 }

func intersect(a, b priv.Set) priv.Set { return priv.Set{a[0] & b[0], a[1] & b[1], a[2] & b[2]} }

func subset(a, b priv.Set) bool { return intersect(a, b) == a }

// Proc returns the process with a number; nil when there is none.
func (k *Kernel) Proc(pid int32) *Proc {
	defer k.enterAs(nil)()
	return k.procs[pid]
}

// SetModel32 says whether p is a 32-bit process.
func (p *Proc) SetModel32(on bool) {
	defer p.k.enterAs(nil)()
	p.spec.Model32 = on
}

// Pid returns the process's number.
func (p *Proc) Pid() int32 { defer p.k.enterAs(nil)(); return p.pid }

// Exited tells that the process has ended or is about to.
func (p *Proc) Exited() bool {
	defer p.k.enterAs(nil)()
	return p.exited || p.doomed
}

// Zone returns the zone that the process is in.
func (p *Proc) Zone() *Zone { return p.zone.Load() }
