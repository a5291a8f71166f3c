package kernel

import (
	"cmp"
	"sync/atomic"
	"time"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// Config is what a kernel is made of. The zero value is a kernel in memory with
// the machine's clock.
type Config struct {
	Host  host.Host // nil: host/sim
	Clock Clock     // nil: the machine's
	// Log gets the messages that the C kernel writes to the console.
	Log func(message string)
	// OnEvent sees every state change in order, before the calls that wait for it
	// return. It runs with the kernel lock held and may not call the kernel.
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
	// Brands are the brands of zones in addition to native, which can't be requested by name.
	Brands []*Brand
	// Classes are the scheduling classes in order of their ids. nil: SYS, TS, FX,
	// IA, FSS, RT, SDC, as illumos has them.
	Classes []SchedClass
	// Pools are the resource pools; the first is the default pool. nil: that one.
	Pools []*Pool
	// Labels makes zone_def that of kernels with Trusted Extensions: with match, doi
	// and label, which say nothing where the system isn't labelled.
	Labels bool
	// Older makes it a kernel without the attributes of init's exit, AttrInitRestart0 and
	// AttrInitReboot: it refuses them.
	Older bool
	// FirstPid is the first of the numbers that the kernel itself gives to processes.
	// The numbers of real processes on the host must be below. 0: 1000.
	FirstPid int32
	// Inline makes host calls and callbacks without giving up the kernel lock, so
	// that a run is the same every time. They may not call the kernel then.
	Inline bool
}

// Kernel is the zone subsystem of one machine.
type Kernel struct {
	sched   sched
	host    host.Host
	logf    func(string)
	closing atomic.Bool // the host ends the zones: exits are expected
	machine machine
	labels  bool // zone_def has those of Trusted Extensions
	older   bool // see Config

	table     table
	ids       idSpace
	netstacks netstacks
	dead      deathrow
	procs     procTable
	classes   schedClasses
	brands    brands
	pools     pools
	rctls     rctlGlobals
	zsd       zsdKeys
	mounts    mountTable
	links     linkTable
	watchers  watchers

	global *Zone
	p0     *Proc // the kernel's own process

	retry  waitq // a host or callback that returned kernelseam.ErrNotYet may be called again
	faults kernelseam.Faults
}

// machine describes the machine, see [Config].
type machine struct {
	nodename string
	serial   string // of the hardware, a decimal string
	cpus     int
}

// New starts a kernel: the global zone is running.
func New(config Config) (*Kernel, error) {
	k := &Kernel{
		host:     config.Host,
		logf:     config.Log,
		labels:   config.Labels,
		older:    config.Older,
		machine:  machine{cmp.Or(config.Nodename, "ghost"), cmp.Or(config.Serial, "0"), cmp.Or(config.CPUs, 1)},
		classes:  config.Classes,
		watchers: watchers{onEvent: config.OnEvent},
	}
	if k.host == nil {
		k.host = sim.New()
	}
	if config.Clock == nil {
		config.Clock = realClock{time.Now()}
	}
	if k.classes == nil {
		k.classes = illumosClasses
	}
	k.sched.init(config.Clock, config.Inline)
	k.table.init(cmp.Or(config.MaxZones, 8192))
	k.ids.init()
	k.netstacks.busy = map[zone.ID]bool{}
	k.procs.init(cmp.Or(config.FirstPid, 1000))
	k.brands.init(config.Brands)
	k.pools.init(config.Pools, &k.faults)
	k.rctls = rctlGlobals{}
	k.mounts.points = newPathTree()
	k.links.owners = map[zone.LinkID]*Zone{}
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
	z.refs.general = 1
	z.privset = fullSet
	empty := ""
	z.init.args = &empty
	z.nodename = k.machine.nodename
	z.secflags = secflags.Default()
	z.rootHeld = true
	z.init.pid = 1
	k.table.number(z)
	z.initRctls()
	k.table.insert(z)
	k.mounts.add(mount{point: "/", resource: "rpool/ROOT", fstype: "zfs", zone: z})
	z.stats.kstats = true

	// The kernel's own process, and init. Their credentials are not counted.
	k.p0 = k.newSystemProc(0, z)
	init := k.newSystemProc(1, z)
	init.system = false
	init.cred.effective, init.cred.permitted = kernelSet, kernelSet
	init.class = k.classes.byName("TS")
	init.secflags = secflags.Sets{}
	z.zsched = k.p0
	z.kcred = z.zsched.cred
}

func (k *Kernel) newSystemProc(pid int32, z *Zone) *Proc {
	p := &Proc{k: k, pid: pid, spec: ProcSpec{Pid: pid, LWPs: 1}, system: true, secflags: secflags.Default()}
	p.cred = &cred{zone: z, effective: fullSet, permitted: fullSet, refs: 2}
	p.task = newTask(z)
	z.used.addProc(p)
	k.procs.add(p, z)
	return p
}

// Global returns the kernel's own process: in the global zone, with every
// privilege, never interrupted.
func (k *Kernel) Global() *Proc { return k.p0 }

// Host returns what the kernel runs on.
func (k *Kernel) Host() host.Host { return k.host }

// insist makes a call without the kernel lock, and again after every Retry of the seam
// as long as it returns ErrNotYet.
func (k *Kernel) insist(t *thread, call func() error) error {
	for {
		err := t.outside(call)
		if err != kernelseam.ErrNotYet {
			return err
		}
		t.wait(&k.retry)
	}
}

func (k *Kernel) log(message string) {
	if k.logf != nil {
		k.logf(message)
	}
}

// Close ends every zone, the kernel's threads and the host. Blocked calls stay
// blocked.
func (k *Kernel) Close() error {
	k.closing.Store(true)
	k.watchers.close()
	err := k.host.Close()
	k.sched.abandon(false)
	return err
}
