package kernel

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

const (
	maxInt32  = math.MaxInt32
	maxUint64 = math.MaxUint64
	noCap     = math.MaxUint32 // cpu_cap of a zone without one
	firstPid  = 1000
	maxPid    = 1 << 30
)

// Config is what a kernel is made of. The zero value is a kernel in memory with
// the machine's clock.
type Config struct {
	Host  host.Host // nil: host/sim
	Clock Clock     // nil: the machine's
	// Log gets the messages that the C kernel writes to the console.
	Log func(message string)
	// OnEvent sees every state change in order, before whoever waits for it. It
	// runs with the kernel lock held and may not call the kernel.
	OnEvent func(Event)
	// Nodename, Serial and CPUs describe the machine: its node name, its hardware
	// serial number as a decimal string, its processors. Zero values: "ghost",
	// "0", 1.
	Nodename string
	Serial   string
	CPUs     int
	// MaxZones is the number of zones there may be, the global one included.
	// 0: 8192.
	MaxZones int
	// Brands that zones may be given beside native, which can't be asked for by name.
	Brands []*Brand
	// Classes are the scheduling classes in order of their ids. nil: SYS, TS, FX,
	// IA, FSS, RT, SDC, as illumos has them.
	Classes []SchedClass
	// Pools are the resource pools; the first is the default pool. nil: that one.
	Pools []*Pool
	// Labels makes zone_def that of kernels with Trusted Extensions: with match, doi
	// and label, which say nothing where the system isn't labelled.
	Labels bool
	// FirstPid is where the numbers begin that the kernel itself gives to processes.
	// A host that runs real ones has theirs below. 0: 1000.
	FirstPid int32
	// Inline makes host calls and callbacks without giving up the kernel lock, so
	// that a run is the same every time. They may not call the kernel then.
	Inline bool
}

// SchedClass is a scheduling class; zones can't be given those of the kernel's own.
type SchedClass struct {
	Name   string
	Kernel bool
}

var defaultClasses = []SchedClass{
	{"SYS", true}, {"TS", false}, {"FX", false}, {"IA", false}, {"FSS", false}, {"RT", false}, {"SDC", true},
}

// Kernel is the zone subsystem of one machine.
//
// Lock order, outermost first:
//
//	kernel lock (sched)
//	  watchers.mu
//	  sched.mu
//
// No lock is held across a call of the host, unless Config.Inline asks for that.
type Kernel struct {
	sched
	closing atomic.Bool // ends of processes are no news any more
	host    host.Host
	inline  bool
	logf    func(string)
	onEvent func(Event)

	table
	ids         idSpace
	maxZones    int
	global      *Zone
	p0          *Proc // the kernel's own process
	deathrow    []*Zone
	destroyCV   waitq
	uniqid      uint64 // of the next zone
	generation  uint64 // of the last one
	waitForCred bool

	labels      bool
	rctlGlobals map[string]rctlGlobal // of the controls that rctladm(8) has changed

	procs    map[int32]*Proc
	lastProc uint64 // number of the last process made
	firstPid int32
	nextPid  int32
	// earlyExits are ends that the host told before the start had returned.
	earlyExits map[int32]host.Exit

	serial       string
	nodename     string
	ncpus        int
	netstackBusy map[zone.ID]bool
	allNetstacks bool

	classes     []SchedClass
	classTS     int
	nativeBrand *Brand
	brands      map[string]*Brand

	pools        []*Pool
	poolsEnabled bool
	poolBusy     bool
	poolCV       waitq
	faults       Faults

	keys    []*zsdKey
	lastKey uint64
	retryCV waitq // a host or callback that had to wait may be asked again

	mounts      []mount
	mountPoints pathTree
	linkOwners  map[zone.LinkID]*Zone

	watchers watchers
}

// New starts a kernel: the global zone is running.
func New(config Config) (*Kernel, error) {
	k := &Kernel{
		host:       config.Host,
		inline:     config.Inline,
		logf:       config.Log,
		onEvent:    config.OnEvent,
		maxZones:   config.MaxZones,
		nodename:   config.Nodename,
		serial:     config.Serial,
		ncpus:      config.CPUs,
		classes:    config.Classes,
		pools:      config.Pools,
		procs:      map[int32]*Proc{},
		firstPid:   config.FirstPid,
		labels:     config.Labels,
		brands:     map[string]*Brand{},
		earlyExits: map[int32]host.Exit{},

		netstackBusy: map[zone.ID]bool{},
		rctlGlobals:  map[string]rctlGlobal{},
		nativeBrand:  &Brand{Name: "native"},
	}
	if k.host == nil {
		k.host = sim.New()
	}
	k.sched.clock = config.Clock
	if k.sched.clock == nil {
		k.sched.clock = realClock{time.Now()}
	}
	if k.firstPid == 0 {
		k.firstPid = firstPid
	}
	k.nextPid = k.firstPid
	if k.maxZones == 0 {
		k.maxZones = 8192
	}
	if k.nodename == "" {
		k.nodename = "ghost"
	}
	if k.serial == "" {
		k.serial = "0"
	}
	if k.ncpus == 0 {
		k.ncpus = 1
	}
	if k.classes == nil {
		k.classes = defaultClasses
	}
	k.classTS = k.classByName("TS")
	if k.pools == nil {
		k.pools = []*Pool{{Name: "pool_default"}}
	}
	for _, b := range config.Brands {
		k.brands[b.Name] = b
	}
	k.sched.asleep = map[*thread]struct{}{}
	k.ids.init()
	k.table.init()
	k.makeGlobal()
	k.host.Notify(k.exited)
	return k, nil
}

// makeGlobal sets the global zone up as zone_init leaves it: running, with the
// kernel's process and init in it.
func (k *Kernel) makeGlobal() {
	z := newZone(k, zone.GlobalID)
	k.global = z
	z.name, z.root = zone.GlobalName, "/"
	z.status.Store(uint32(zone.StatusRunning))
	z.ref = 1
	z.privset = fullSet
	z.initName = "/sbin/init"
	empty := ""
	z.bootArgs = &empty
	z.nodename = k.nodename
	z.secflags = defaultSecFlags
	z.rootHeld = true
	z.initPid = 1
	z.uniqid.Store(k.uniqid)
	k.uniqid++
	k.rctlInit(z)
	k.table.insert(z)
	k.mounts = []mount{{point: "/", resource: "rpool/ROOT", fstype: "zfs", zone: z}}
	k.mountPoints = newPathTree()
	k.mountPoints.add("/")
	k.linkOwners = map[zone.LinkID]*Zone{}
	z.kstats = true

	// The kernel's own process, and init. Their credentials are not counted.
	k.p0 = k.newSystemProc(0, z)
	init := k.newSystemProc(1, z)
	init.system = false
	init.cred.effective, init.cred.permitted = kernelSet, kernelSet
	init.class = k.classTS
	init.secflags = SecFlags{}
	z.zsched = k.p0
	z.kcred = z.zsched.cred
}

func (k *Kernel) newSystemProc(pid int32, z *Zone) *Proc {
	p := &Proc{k: k, pid: pid, spec: ProcSpec{Pid: pid, LWPs: 1}, system: true, secflags: defaultSecFlags}
	p.zone.Store(z)
	p.cred = &cred{zone: z, effective: fullSet, permitted: fullSet, refs: 2}
	p.task = k.newTask(z)
	z.nprocs++
	z.nlwps++
	k.procs[pid] = p
	z.list(p)
	return p
}

// kernelSet are the privileges of the kernel's credential, which a zone's zsched
// and init begin with as far as the zone has them.
var kernelSet = priv.Set{0x00014820, 0x07060000, 0x00000400}

// Global returns the kernel's own process: in the global zone, with every
// privilege, never interrupted.
func (k *Kernel) Global() *Proc { return k.p0 }

// Host returns what the kernel runs on.
func (k *Kernel) Host() host.Host { return k.host }

// enterAs takes the kernel lock for a call of p and returns what ends the call.
func (k *Kernel) enterAs(p *Proc) func() {
	t := k.enter(p)
	return func() { k.leave(t) }
}

// call takes the kernel lock for a system call of p, which can be interrupted.
func (k *Kernel) call(p *Proc) *thread {
	t := k.begin(p)
	if !p.system {
		k.sched.mu.Lock()
		p.calls = append(p.calls, t)
		k.sched.mu.Unlock()
	}
	k.lock(t)
	return t
}

// done ends a system call. A process that was to go while it made it goes now.
func (k *Kernel) done(t *thread) {
	if p := t.proc; !p.system {
		k.sched.mu.Lock()
		for i, o := range p.calls {
			if o == t {
				p.calls = append(p.calls[:i], p.calls[i+1:]...)
				break
			}
		}
		last := len(p.calls) == 0
		k.sched.mu.Unlock()
		if p.doomed && last {
			k.end(p)
		}
	}
	k.leave(t)
}

// outside makes a call that may take its time, without the kernel lock.
// Preconditions: the kernel lock is held; it is again on return.
func (k *Kernel) outside(t *thread, body func()) {
	if k.inline {
		body()
		return
	}
	k.sched.outside(t, body)
}

// Retry makes the kernel ask again whoever answered [host.ErrNotYet].
func (k *Kernel) Retry() {
	defer k.enterAs(nil)()
	k.broadcast(&k.retryCV)
}

func (k *Kernel) log(message string) {
	if k.logf != nil {
		k.logf(message)
	}
}

// Close ends every zone and lets go of the machine.
func (k *Kernel) Close() error {
	k.closing.Store(true)
	k.watchers.close()
	return k.host.Close()
}

// errnoOf returns what an error of the host means to a caller.
func errnoOf(err error) errno.Errno {
	if err == nil {
		return 0
	}
	if e, ok := errno.Of(err); ok {
		return e
	}
	return errno.EIO
}

// fail is an error number as a call's result.
func fail(e errno.Errno) (int64, errno.Errno) { return -1, e }

// Abandon ends every flow of control that sleeps in the kernel, wherever it is,
// without regard to what it would have done. Nothing may be asked of the kernel
// afterwards. It is for tests that stop in the middle.
func (k *Kernel) Abandon() { k.sched.abandon() }
