package kernel

import (
	"sync/atomic"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// Zone is a zone as the kernel keeps it (zone_t). It may outlive its place in the
// table: who holds a reference can still read it.
//
// Fields that getattr and lookup read without the kernel lock are atomic or never
// change once the zone is in the table.
type Zone struct {
	k *Kernel

	id         zone.ID
	generation uint64 // makes the id unique towards the host
	name       string
	root       string // resolved, with a trailing slash
	uniqid     atomic.Uint64
	status     atomic.Uint32 // a zone.Status
	statusCV   waitq         // status went up
	flags      atomic.Uint32 // ZF_*
	prev, next *Zone         // in the table's list

	refs     refs
	procs    []*Proc // in the order they were made
	ntasks   uint32
	kthreads int   // kernel threads of the zone
	zsched   *Proc // its kernel process
	kcred    *cred // what its kernel threads run with
	init     initProgram
	mounting mountGate

	brand     *Brand
	brandData BrandAttrs
	privset   priv.Set
	secflags  secflags.Sets
	class     int // default scheduling class; 0 (SYS) means none was set
	fsAllowed *string
	nodename  string
	domain    string
	hostid    uint32
	physMcap  uint64
	rootHeld  bool // the root directory is held open

	used     usage
	limits   limits
	rctls    rctlSet // nil before zsched ran
	datasets datasets
	links    linkList
	zsd      zsdList
	pool     *Pool // what it is bound to
	psetID   int32 // the processor set that its processes see
	ncpus    int   // 0: the machine's number
	stats    stats

	hosted    bool    // the host runs this zone
	rctlDirty []*rctl // controls whose value in force the host doesn't have yet
	orphans   *task   // the last task, kept while processes run that only the host knows
}

// initProgram is the program that a zone is booted with, and its process.
type initProgram struct {
	path    string
	args    *string // boot arguments; nil: none were set
	restart bool    // started again when it exits
	// With restart: only if it exited with status 0, otherwise the zone is halted; and the
	// zone is rebooted instead.
	restart0, reboot bool
	pid              int32 // 0 before boot, -1 when it has exited
	err              error // why it couldn't be executed
	booted           int64 // when, in seconds since 1970
}

// noHostID says that the zone has no host id of its own (HW_INVALID_HOSTID).
const noHostID = 0xffffffff

// newZone makes a zone that isn't in the table.
func newZone(k *Kernel, id zone.ID) *Zone {
	return &Zone{
		k:          k,
		id:         id,
		generation: k.ids.nextGeneration(),
		init:       initProgram{path: "/sbin/init", restart: true},
		brand:      k.brands.native,
		hostid:     noHostID,
		limits:     noLimits,
		pool:       k.pools.list[0],
		psetID:     noPset,
	}
}

// free frees a zone that has no references left; its id may be given out again.
func (z *Zone) free() {
	z.k.dead.remove(z)
	z.refs.gone = true
	z.limits.cpuCap = noCap
	z.zsd, z.datasets, z.links, z.rctls = nil, nil, nil, nil
	z.k.ids.free(z.id)
}

// ID returns the zone's id.
func (z *Zone) ID() zone.ID { return z.id }

// Name returns the zone's name.
func (z *Zone) Name() string { return z.name }

// UniqID returns the number that no other zone of this kernel ever has.
func (z *Zone) UniqID() uint64 { return z.uniqid.Load() }

// Status returns the zone's state, which may be another one by the time the
// caller looks at it.
func (z *Zone) Status() zone.Status { return zone.Status(z.status.Load()) }

func (z *Zone) isGlobal() bool { return z.id == zone.GlobalID }

// key names the zone towards the host.
func (z *Zone) key() host.ZoneKey { return host.ZoneKey{ID: z.id, UniqID: z.generation} }

func (z *Zone) setFlag(flag uint32) { z.flags.Store(z.flags.Load() | flag) }

func (z *Zone) hasFlag(flag uint32) bool { return z.flags.Load()&flag != 0 }

// rootDir is the root directory without the trailing slash.
func (z *Zone) rootDir() string { return z.root[:len(z.root)-1] }
