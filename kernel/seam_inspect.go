package kernel

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// Inspect takes a snapshot.
func (s seam) Inspect() *kernelseam.Snapshot {
	k := s.k
	defer k.enter().leave()
	all := &kernelseam.Snapshot{
		Zones:    map[string]*kernelseam.State{},
		Deathrow: map[string]*kernelseam.State{},
		Order:    []zone.ID{},
		Keys:     []kernelseam.Key{},
		Procs:    map[string]*kernelseam.ProcState{},
	}
	for z := range k.table.all {
		all.Zones[strconv.Itoa(int(z.id))] = z.inspect()
		all.Order = append(all.Order, z.id)
	}
	for _, z := range k.dead.zones {
		all.Deathrow[fmt.Sprintf("%d!%d", z.id, z.UniqID())] = z.inspect()
	}
	for _, key := range k.zsd.keys {
		all.Keys = append(all.Keys, key.key)
	}
	for _, p := range k.procs.byPid {
		if p.cred != nil && p.pid != 0 {
			all.Procs[strconv.Itoa(int(p.pid))] = p.inspect()
		}
	}
	return all
}

func (z *Zone) inspect() *kernelseam.State {
	s := &kernelseam.State{
		ID: z.id, Name: z.name, Status: z.Status(), Flags: z.flags.Load(), RootPath: z.root, UniqID: z.UniqID(),
		Ref: z.refs.general, CredRef: z.refs.creds, SubsysRef: z.refs.subsys,
		NTasks: z.ntasks, NLWPs: z.used.lwps, NProcs: z.used.procs, NLWPsCtl: z.limits.lwps, NProcsCtl: z.limits.procs,
		LockedMem: z.used.lockedMem, LockedMemCtl: z.limits.lockedMem, MaxSwap: z.used.swap, MaxSwapCtl: z.limits.swap,
		MaxLofi: z.used.lofi, MaxLofiCtl: z.limits.lofi, Shares: z.limits.shares, CPUCap: z.limits.cpuCap,
		InitName: z.init.path, BootArgs: z.init.args, Brand: z.brand.Name, FSAllowed: z.fsAllowed,
		Nodename: z.nodename, Domain: z.domain, HostID: z.hostid, PhysMcap: z.physMcap, SchedClass: z.k.classes.name(z.class),
		InitPID: z.init.pid, BootErr: int32(errnoOf(z.init.err)), RestartInit: flag(z.init.restart),
		PrivSet: hex.EncodeToString(setBytes(z.privset)), MountsInProgress: z.mounting.count,
		HasZsched: flag(z.zsched != nil), HasKthreads: flag(z.kthreads > 0), HasRootVP: flag(z.rootHeld),
		PsetID: z.psetID, NCPUs: z.ncpus, Avenrun: z.stats.load.shown,
		Datasets: append([]string{}, z.datasets...), ZSD: [][3]any{}, Links: []kernelseam.LinkState{},
		Rctls: map[string][]kernelseam.RctlState{},
	}
	for i, v := range words(z.secflags) {
		s.SecFlags[i] = strconv.FormatUint(v, 10)
	}
	for i, v := range z.stats.load.precise {
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
		s.Links = append(s.Links, kernelseam.LinkState{ID: l.id, Address: hex.EncodeToString(l.addresses), Route: hex.EncodeToString(l.routers)})
	}
	for _, r := range z.rctls {
		var values []kernelseam.RctlState
		for i, v := range r.values {
			state := kernelseam.RctlState{strconv.FormatUint(uint64(v.Privilege), 16), strconv.FormatUint(v.Limit, 10), strconv.FormatUint(uint64(v.Flags)|uint64(v.Action), 16)}
			if i == r.cursor {
				state = append(state, "cursor")
			}
			values = append(values, state)
		}
		s.Rctls[r.Name] = values
	}
	return s
}

func (p *Proc) inspect() *kernelseam.ProcState {
	s := &kernelseam.ProcState{
		PID: p.pid, Zone: p.zone.Load().id, CrZone: p.cred.zone.id, CtZone: p.ctZone, LWPs: p.spec.LWPs,
		Class:    p.k.classes.name(p.class),
		SecFlags: words(p.secflags),
		EPrivs:   hex.EncodeToString(setBytes(p.cred.effective)), PPrivs: hex.EncodeToString(setBytes(p.cred.permitted)), System: flag(p.system),
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

// words are the four sets as numbers, in the order of the structure.
func words(f secflags.Sets) [4]uint64 {
	return [4]uint64{uint64(f.Effective), uint64(f.Inherit), uint64(f.Lower), uint64(f.Upper)}
}

// Invariants returns what is wrong with the kernel's own bookkeeping: nothing.
func (s seam) Invariants() []string {
	k := s.k
	defer k.enter().leave()
	var wrong []string
	n := 0
	for z := range k.table.all {
		n++
		if k.table.byID(z.id) != z || k.table.byName(z.name) != z {
			wrong = append(wrong, "zone "+z.name+" is listed but not found")
		}
		if z.refs.gone || slices.Contains(k.dead.zones, z) {
			wrong = append(wrong, "zone "+z.name+" is active and dead")
		}
		if s := z.Status(); z.used.procs > 1<<31 || z.used.lwps > 1<<31 || z.ntasks > 1<<31 || s > zone.StatusDead {
			wrong = append(wrong, fmt.Sprintf("zone %s has counts below nothing: %d processes, %d lwps, %d tasks", z.name, int32(z.used.procs), int32(z.used.lwps), int32(z.ntasks)))
		}
	}
	if n != k.table.count {
		wrong = append(wrong, fmt.Sprintf("%d zones listed, %d counted", n, k.table.count))
	}
	return wrong
}
