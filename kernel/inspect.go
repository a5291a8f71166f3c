package kernel

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// State is everything there is to know about a zone, for debugging and for
// holding the kernel against recordings, whose names the JSON has.
type State struct {
	ID               zone.ID                `json:"id"`
	Name             string                 `json:"name"`
	Status           zone.Status            `json:"status"`
	Flags            uint32                 `json:"flags"`
	RootPath         string                 `json:"rootpath"`
	UniqID           uint64                 `json:"uniqid"`
	Ref              uint32                 `json:"ref"`
	CredRef          uint32                 `json:"cred_ref"`
	SubsysRef        [len(Subsys)]uint32    `json:"subsys_ref"`
	NTasks           uint32                 `json:"ntasks"`
	NLWPs            uint32                 `json:"nlwps"`
	NProcs           uint32                 `json:"nprocs"`
	NLWPsCtl         uint64                 `json:"nlwps_ctl,string"`
	NProcsCtl        uint64                 `json:"nprocs_ctl,string"`
	LockedMem        uint64                 `json:"locked_mem"`
	LockedMemCtl     uint64                 `json:"locked_mem_ctl,string"`
	MaxSwap          uint64                 `json:"max_swap"`
	MaxSwapCtl       uint64                 `json:"max_swap_ctl,string"`
	MaxLofi          uint64                 `json:"max_lofi"`
	MaxLofiCtl       uint64                 `json:"max_lofi_ctl,string"`
	Shares           uint32                 `json:"shares"`
	CPUCap           uint64                 `json:"cpu_cap,string"`
	InitName         string                 `json:"initname"`
	BootArgs         *string                `json:"bootargs"`
	Brand            string                 `json:"brand"`
	FSAllowed        *string                `json:"fs_allowed"`
	Nodename         string                 `json:"nodename"`
	Domain           string                 `json:"domain"`
	HostID           uint32                 `json:"hostid"`
	PhysMcap         uint64                 `json:"phys_mcap,string"`
	SchedClass       string                 `json:"sched_class"`
	InitPID          int32                  `json:"initpid"`
	BootErr          int32                  `json:"boot_err"`
	RestartInit      int                    `json:"restart_init"`
	SecFlags         [4]string              `json:"secflags"`
	PrivSet          string                 `json:"privset"`
	MountsInProgress int                    `json:"mounts_in_progress"`
	HasZsched        int                    `json:"has_zsched"`
	HasKthreads      int                    `json:"has_kthreads"`
	HasRootVP        int                    `json:"has_rootvp"`
	PsetID           int32                  `json:"psetid"`
	NCPUs            int                    `json:"ncpus"`
	Avenrun          [3]int32               `json:"avenrun"`
	HPAvenrun        [3]string              `json:"hp_avenrun"`
	Datasets         []string               `json:"datasets"`
	ZSD              [][3]any               `json:"zsd"`
	Links            []LinkState            `json:"links"`
	Rctls            map[string][]RctlState `json:"rctls"`
}

// RctlState is a value of a control: privilege and flags in hexadecimal, the limit
// in decimal, and "cursor" for the one in force.
type RctlState []string

// LinkState is a data link of a zone with its network properties in hexadecimal.
type LinkState struct {
	ID      zone.LinkID `json:"id"`
	Address string      `json:"address,omitempty"`
	Route   string      `json:"route,omitempty"`
}

// ProcState is a process in the same manner.
type ProcState struct {
	PID      int32     `json:"pid"`
	Zone     zone.ID   `json:"zone"`
	CrZone   zone.ID   `json:"crzone"`
	CtZone   uint64    `json:"ctzone"`
	LWPs     uint32    `json:"lwps"`
	Class    string    `json:"class"`
	SecFlags [4]uint64 `json:"secflags"`
	Root     *string   `json:"root"`
	EPrivs   string    `json:"eprivs"`
	PPrivs   string    `json:"pprivs"`
	System   int       `json:"system"`
}

// Snapshot is the whole kernel at one moment.
type Snapshot struct {
	Zones    map[string]*State     `json:"zones"`
	Deathrow map[string]*State     `json:"deathrow"`
	Order    []zone.ID             `json:"order"`
	Keys     []Key                 `json:"zsd_keys"`
	Procs    map[string]*ProcState `json:"procs"`
}

// Inspect takes a snapshot.
func (k *Kernel) Inspect() *Snapshot {
	defer k.enterAs(nil)()
	s := &Snapshot{
		Zones:    map[string]*State{},
		Deathrow: map[string]*State{},
		Order:    []zone.ID{},
		Keys:     []Key{},
		Procs:    map[string]*ProcState{},
	}
	for z := range k.all {
		s.Zones[strconv.Itoa(int(z.id))] = z.inspect()
		s.Order = append(s.Order, z.id)
	}
	for _, z := range k.deathrow {
		s.Deathrow[fmt.Sprintf("%d!%d", z.id, z.UniqID())] = z.inspect()
	}
	for _, key := range k.keys {
		s.Keys = append(s.Keys, key.key)
	}
	for _, p := range k.procs {
		if p.cred != nil && p.pid != 0 {
			s.Procs[strconv.Itoa(int(p.pid))] = p.inspect()
		}
	}
	return s
}

// Dead returns the zones with an id that wait on the death row for the last
// credentials to go.
func (k *Kernel) Dead(id zone.ID) []*Zone {
	defer k.enterAs(nil)()
	var dead []*Zone
	for _, z := range k.deathrow {
		if z.id == id {
			dead = append(dead, z)
		}
	}
	return dead
}

func (z *Zone) inspect() *State {
	s := &State{
		ID: z.id, Name: z.name, Status: z.Status(), Flags: z.flags.Load(), RootPath: z.root, UniqID: z.UniqID(),
		Ref: z.ref, CredRef: z.credRef, SubsysRef: z.subsys,
		NTasks: z.ntasks, NLWPs: z.nlwps, NProcs: z.nprocs, NLWPsCtl: z.nlwpsCtl, NProcsCtl: z.nprocsCtl,
		LockedMem: z.lockedMem, LockedMemCtl: z.lockedMemCtl, MaxSwap: z.maxSwap, MaxSwapCtl: z.maxSwapCtl,
		MaxLofi: z.maxLofi, MaxLofiCtl: z.maxLofiCtl, Shares: z.shares, CPUCap: z.cpuCap,
		InitName: z.initName, BootArgs: z.bootArgs, Brand: z.brand.Name, FSAllowed: z.fsAllowed,
		Nodename: z.nodename, Domain: z.domain, HostID: z.hostid, PhysMcap: z.physMcap, SchedClass: z.k.className(z.class),
		InitPID: z.initPid, BootErr: z.bootErr, RestartInit: flag(z.restartInit),
		PrivSet: hexSet(z.privset), MountsInProgress: z.mounts,
		HasZsched: flag(z.zsched != nil), HasKthreads: flag(z.kthreads > 0), HasRootVP: flag(z.rootHeld),
		PsetID: z.psetID, NCPUs: z.ncpus, Avenrun: z.load.shown,
		Datasets: append([]string{}, z.datasets...), ZSD: [][3]any{}, Links: []LinkState{},
		Rctls: map[string][]RctlState{},
	}
	for i, v := range []uint64{z.secflags.Effective, z.secflags.Inherit, z.secflags.Lower, z.secflags.Upper} {
		s.SecFlags[i] = strconv.FormatUint(v, 10)
	}
	for i, v := range z.load.precise {
		s.HPAvenrun[i] = strconv.FormatUint(v, 10)
	}
	for _, e := range z.zsd {
		data := e.data
		if data == nil {
			data = 0
		}
		s.ZSD = append(s.ZSD, [3]any{e.key, data, e.flags})
	}
	for _, l := range z.links {
		s.Links = append(s.Links, LinkState{l.id, hex.EncodeToString(l.addresses), hex.EncodeToString(l.routers)})
	}
	for _, r := range z.rctls {
		var values []RctlState
		for _, v := range r.values {
			state := RctlState{strconv.FormatUint(uint64(v.privilege), 16), strconv.FormatUint(v.limit, 10), strconv.FormatUint(uint64(v.action), 16)}
			if v == r.cursor {
				state = append(state, "cursor")
			}
			values = append(values, state)
		}
		s.Rctls[r.name] = values
	}
	return s
}

func (p *Proc) inspect() *ProcState {
	s := &ProcState{
		PID: p.pid, Zone: p.zone.Load().id, CrZone: p.cred.zone.id, CtZone: p.ctZone, LWPs: p.spec.LWPs,
		Class:    p.k.className(p.class),
		SecFlags: [4]uint64{p.secflags.Effective, p.secflags.Inherit, p.secflags.Lower, p.secflags.Upper},
		EPrivs:   hexSet(p.cred.effective), PPrivs: hexSet(p.cred.permitted), System: flag(p.system),
	}
	if p.root != "" {
		root := p.root
		s.Root = &root
	}
	return s
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

// hexSet writes a privilege set as it lies in memory.
func hexSet(s priv.Set) string {
	raw := make([]byte, 0, 12)
	for _, w := range s {
		raw = append(raw, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
	}
	return hex.EncodeToString(raw)
}

// Invariants returns what is wrong with the kernel's own bookkeeping: nothing.
func (k *Kernel) Invariants() []string {
	defer k.enterAs(nil)()
	var wrong []string
	n := 0
	for z := range k.all {
		n++
		if k.table.byID(z.id) != z || k.table.byName(z.name) != z {
			wrong = append(wrong, "zone "+z.name+" is listed but not found")
		}
		if z.gone || slices.Contains(k.deathrow, z) {
			wrong = append(wrong, "zone "+z.name+" is active and dead")
		}
		if s := z.Status(); z.nprocs > 1<<31 || z.nlwps > 1<<31 || z.ntasks > 1<<31 || s > zone.StatusDead {
			wrong = append(wrong, fmt.Sprintf("zone %s has counts below nothing: %d processes, %d lwps, %d tasks", z.name, int32(z.nprocs), int32(z.nlwps), int32(z.ntasks)))
		}
	}
	if n != k.table.count {
		wrong = append(wrong, fmt.Sprintf("%d zones listed, %d counted", n, k.table.count))
	}
	return wrong
}
