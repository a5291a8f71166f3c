package kernel

import (
	"sync/atomic"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// Zone is a zone as the kernel keeps it (zone_t). It may outlive its place in the
// table: whoever holds a reference can still look at it.
//
// Fields without a word about locks belong to the kernel lock (see sched). Those
// that getattr and lookup read without it are atomic or never change once the
// zone is in the table.
type Zone struct {
	k *Kernel

	id     zone.ID
	name   string
	root   string // resolved, with a trailing slash
	uniqid atomic.Uint64
	status atomic.Uint32 // a zone.Status
	flags  atomic.Uint32 // ZF_*

	prev, next *Zone // in the table's list
	procs      *Proc // its processes, through Proc.prev and Proc.next

	ref     uint32              // general references
	credRef uint32              // references from credentials
	subsys  [len(Subsys)]uint32 // the part of ref that subsystems hold
	gone    bool                // freed; a reference taken now would be a bug

	ntasks, nlwps, nprocs uint32
	nlwpsCtl, nprocsCtl   uint64
	lockedMem, maxSwap    uint64
	lockedMemCtl          uint64
	maxSwapCtl            uint64
	maxLofi, maxLofiCtl   uint64
	shares                uint32
	cpuCap                uint64
	shmMemory             uint64
	shmIDs, semIDs        uint64
	msgIDs                uint64
	rctls                 []*rctl // in the dictionary's order; nil before zsched ran

	privset   priv.Set
	initName  string
	bootArgs  *string // nil: none were set
	brand     *Brand
	brandData BrandAttrs
	fsAllowed *string
	nodename  string
	domain    string
	hostid    uint32
	physMcap  uint64
	class     int // default scheduling class; 0 (SYS) means none was set
	secflags  SecFlags

	initPid     int32 // 0 before boot, -1 when init has gone
	bootErr     int32
	bootTime    int64 // seconds since 1970
	restartInit bool

	mounts   int          // mounts in progress; negative: so many callers block them
	mountsCV waitq        // mounts reached 0
	statusCV waitq        // status went up
	zsched   *Proc        // its kernel process
	kcred    *cred        // what its kernel threads run with
	kthreads int          // kernel threads of the zone
	rootHeld bool         // the root directory is held open
	pool     *Pool        // what it is bound to
	psetID   int32        // the processor set that its processes see
	ncpus    int          // 0: the machine's number
	datasets []string     // delegated ones, the last given first
	inner    []host.Mount // what the host mounted inside

	zsd   []*zsdEntry
	links []*link // latest first

	usage   [3]uint64 // user, system and waiting time, nanoseconds
	load    loadavg
	counter map[string]uint64 // memory_cap and zone_misc counters
	kstats  bool              // its statistics could be made

	hostProcs  uint64  // processes that the host counts, also those the kernel doesn't know
	generation uint64  // what makes the id unique towards the host
	hosted     bool    // the host has something of this zone
	rctlDirty  []*rctl // controls whose value in force the host has not been told
	orphans    *task   // the last task, kept while processes run that only the host knows
}

// noHostID says that the zone has no host id of its own (HW_INVALID_HOSTID).
const noHostID = 0xffffffff

// noPset says that pools are not in use (ZONE_PS_INVAL).
const noPset = -3

// ID returns the zone's id.
func (z *Zone) ID() zone.ID { return z.id }

// Name returns the zone's name.
func (z *Zone) Name() string { return z.name }

// UniqID returns the number that no other zone of this kernel ever has.
func (z *Zone) UniqID() uint64 { return z.uniqid.Load() }

// Status returns the zone's state, which may be another one by the time the
// caller looks at it.
func (z *Zone) Status() zone.Status { return zone.Status(z.status.Load()) }

func (z *Zone) key() host.ZoneKey { return host.ZoneKey{ID: z.id, UniqID: z.generation} }

func (z *Zone) setFlag(flag uint32) { z.flags.Store(z.flags.Load() | flag) }

// newZone makes a zone that only its maker knows.
func newZone(k *Kernel, id zone.ID) *Zone {
	k.generation++
	return &Zone{
		k:            k,
		generation:   k.generation,
		id:           id,
		hostid:       noHostID,
		psetID:       noPset,
		nlwpsCtl:     maxInt32,
		nprocsCtl:    maxInt32,
		lockedMemCtl: maxUint64,
		maxSwapCtl:   maxUint64,
		maxLofiCtl:   maxUint64,
		cpuCap:       noCap,
		shares:       1,
		restartInit:  true,
		brand:        k.nativeBrand,
		pool:         k.pools[0],
	}
}

// freeZone lets go of a zone that nothing refers to any more and returns its id.
// Preconditions: the kernel lock is held.
func (k *Kernel) freeZone(z *Zone) {
	for i, dead := range k.deathrow {
		if dead == z {
			k.deathrow = append(k.deathrow[:i], k.deathrow[i+1:]...)
			break
		}
	}
	z.gone = true
	z.cpuCap = noCap
	z.zsd, z.datasets, z.links, z.rctls = nil, nil, nil, nil
	k.ids.free(z.id)
}
