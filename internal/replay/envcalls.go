package replay

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// otherMembersOfTwo is the number of other members if the contract of a process has
// two.
const otherMembersOfTwo = 1

func (w *world) procNew(c *call) error {
	s := c.step
	spec := kernel.ProcSpec{
		Pid:       int32(s.number("pid")),
		Effective: priv.Full(),
		Permitted: priv.Full(),
		LWPs:      uint32(s.number("lwps")),
		Swap:      uint64(s.number("swap")),
		Locked:    uint64(s.number("locked")),
	}
	if s.has("inherited_contract_uniqid") {
		spec.InheritedUniqIDs = []uint64{uint64(s.number("inherited_contract_uniqid"))}
	}
	for _, flag := range s.list("flags") {
		switch flag {
		case "no_zone_config":
			spec.Effective = spec.Effective.Without("net_rawaccess")
		case "limited_permitted":
			spec.Permitted = spec.Permitted.Without("dtrace_kernel")
		case "no_sys_admin":
			spec.Effective = spec.Effective.Without("sys_admin")
		case "chrooted":
			spec.Root = "/export"
		case "holds_contract":
			spec.HoldsContracts = true
		case "contract_members_2":
			spec.ContractMembers = otherMembersOfTwo
		case "bad_fd":
			spec.PinnedFile = true
		case "bad_mapping", "shared_swap":
			spec.PinnedMapping = true
		case "agent":
			spec.Agent = true
		case "unkillable":
			spec.Unkillable = true
		case "anon_mapping", "foreign_fmri": // no observable change
		default:
			return fmt.Errorf("unknown flag %q of proc_new", flag)
		}
	}
	w.k.AddProc(spec)
	return nil
}

func (w *world) proc(s *Step, name string) (*kernel.Proc, error) {
	pid := int32(s.number(name))
	if p := w.k.Proc(pid); p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("there is no process %d", pid)
}

func (w *world) procFork(c *call) error {
	p, err := w.proc(c.step, "pid")
	if err == nil {
		w.in.Fork(p, int32(c.step.number("child")), c.step.number("new_task") != 0)
	}
	return err
}

func (w *world) procExit(c *call) error {
	p, err := w.proc(c.step, "pid")
	if err == nil {
		p.Exit()
	}
	return err
}

// unkillable may name a process that has already exited.
func (w *world) unkillable(c *call) error {
	if p := w.k.Proc(int32(c.step.number("pid"))); p != nil {
		w.in.SetUnkillable(p, c.step.number("on") != 0)
	}
	return nil
}

func (w *world) signal(c *call) error {
	blocked := w.calls[int(c.step.number("step"))]
	if blocked == nil {
		return fmt.Errorf("no call of step %d is blocked", c.step.number("step"))
	}
	blocked.proc.Interrupt()
	return nil
}

func (w *world) set(c *call) error {
	for name := range c.step.Args {
		v := c.step.number(name)
		e := errno.Errno(v)
		switch name {
		case "init_error":
			w.machine.mu.Lock()
			w.machine.initErr = e
			w.machine.mu.Unlock()
		case "newproc_zsched_error":
			w.machine.mu.Lock()
			w.machine.zschedErr = e
			w.machine.mu.Unlock()
		case "newproc_init_error":
			w.in.SetFaults(func(f *kernelseam.Faults) { f.NewInit = e })
		case "holdlwps_fail":
			w.in.SetFaults(func(f *kernelseam.Faults) { f.HoldLWPs = v != 0 })
		case "pool_lock_intr_after":
			w.in.SetFaults(func(f *kernelseam.Faults) { f.PoolLockAfter = int(v) })
		case "kstat_create_fails":
			w.in.SetFaults(func(f *kernelseam.Faults) { f.KstatCreate = v != 0 })
		case "pool_bind_error":
			w.in.SetFaults(func(f *kernelseam.Faults) { f.PoolBind = e })
		case "pools_enabled":
			w.in.SetPools(v != 0)
		case "maxzones":
			w.in.SetMaxZones(int(v))
		case "zone_wait_for_cred":
			w.in.SetWaitForCred(v != 0)
		default:
			return fmt.Errorf("unknown variable %q", name)
		}
	}
	return nil
}

func (w *world) initExecBlock(c *call) error {
	w.machine.mu.Lock()
	w.machine.initHangs = c.step.number("on") != 0
	w.machine.mu.Unlock()
	w.in.Retry()
	return nil
}

func (w *world) poolLockHold(c *call) error {
	if c.step.number("on") != 0 {
		w.unlock = w.in.HoldPools()
		return nil
	}
	w.unlock()
	return nil
}

func (w *world) netstackInUse(c *call) error {
	w.in.SetNetstackInUse(c.step.zoneID(), c.step.number("on") != 0)
	return nil
}

func (w *world) doorScript(c *call) error {
	w.machine.mu.Lock()
	defer w.machine.mu.Unlock()
	if err := json.Unmarshal(c.step.Args["open"], &w.machine.openings); err != nil {
		return err
	}
	return json.Unmarshal(c.step.Args["upcall"], &w.machine.upcalls)
}

func (w *world) mount(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err == nil {
		w.in.AddMount(z, c.step.text("mountpoint"), c.step.text("resource"), c.step.text("fstype"))
	}
	return err
}

func (w *world) umount(c *call) error {
	w.in.RemoveMount(c.step.text("mountpoint"))
	return nil
}

func (w *world) setUsage(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err == nil {
		s := c.step
		w.in.SetUsage(z, uint64(s.number("utime")), uint64(s.number("stime")), uint64(s.number("wtime")))
	}
	return err
}

func (w *world) setCounter(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err == nil {
		name := c.step.text("counter")
		if known, ok := counters[name]; ok {
			name = known
		}
		w.in.SetCounter(z, name, uint64(c.step.number("value")))
	}
	return err
}

// counters maps the recordings' names to the kernel's.
var counters = map[string]string{
	"shmmax":      "zone.max-shm-memory",
	"shmmni":      "zone.max-shm-ids",
	"semmni":      "zone.max-sem-ids",
	"msgmni":      "zone.max-msg-ids",
	"max_lofi":    "zone.max-lofi",
	"locked_mem":  "zone.max-locked-memory",
	"max_swap":    "zone.max-swap",
	"ffcap":       "forkfail_cap",
	"ffnoproc":    "forkfail_noproc",
	"ffnomem":     "forkfail_nomem",
	"ffmisc":      "forkfail_misc",
	"nested_intp": "nested_interp",
}

// kstats reads the observable statistics. Every statistic rejects writes, and keeps
// the values of the last read.
func (w *world) kstats(c *call) error {
	update := 0
	refused := c.step.number("write") != 0
	if refused {
		update = int(errno.EACCES)
	}
	read := []map[string]any{}
	for _, ks := range w.k.Kstats(c.step.zoneID()) {
		uniqid := w.in.Peek(zone.ID(ks.Instance)).UniqID()
		identity := fmt.Sprint(ks.Module, ks.Name, uniqid)
		data := map[string]any{}
		for _, v := range ks.Data {
			switch n := v.Value.(type) {
			case uint64:
				if refused {
					n = 0
				}
				data[v.Name] = strconv.FormatUint(n, 10)
			case uint32:
				if refused {
					n = 0
				}
				data[v.Name] = n
			default:
				data[v.Name] = v.Value
			}
		}
		if last, ok := w.lastRead[identity]; ok && refused {
			data = last
		} else if !refused {
			w.lastRead[identity] = data
		}
		read = append(read, map[string]any{"module": ks.Module, "instance": ks.Instance, "name": ks.Name, "class": ks.Class,
			"update": update, "datasize_extra": ks.Extra, "zones": ks.Zones, "data": data})
	}
	c.field("kstats", read)
	return nil
}

// rootHolds counts the holds on the root directories: one per zone, and two per
// process, for its root and its current directory.
func (w *world) rootHolds(c *call) error {
	holds := map[string]int{}
	snapshot := w.in.Inspect()
	for _, states := range []map[string]*kernelseam.State{snapshot.Zones, snapshot.Deathrow} {
		for _, s := range states {
			if s.HasRootVP != 0 {
				holds[trim(s.RootPath)]++
			}
		}
	}
	for _, p := range snapshot.Procs {
		if p.Zone != zone.GlobalID && p.Root != nil {
			holds[*p.Root] += 2
		}
	}
	c.field("holds", holds)
	return nil
}

func trim(root string) string {
	if len(root) > 1 {
		return root[:len(root)-1]
	}
	return root
}

func (w *world) zsdBlock(c *call) error {
	slot := c.step.number("slot")
	w.mu.Lock()
	w.blocked[slot] = map[string]bool{}
	for _, name := range c.step.list("callbacks") {
		w.blocked[slot][name] = true
	}
	w.mu.Unlock()
	w.in.Retry()
	return nil
}

func (w *world) setSerial(c *call) error {
	w.in.SetSerial(c.step.text("serial"))
	return nil
}
