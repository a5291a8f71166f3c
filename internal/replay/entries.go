package replay

import (
	"fmt"
	"strconv"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// entry is a kernel entry point or a change of the environment.
type entry func(w *world, c *call) error

var entries map[string]entry

func init() {
	entries = map[string]entry{
		"zone_key_create":           (*world).keyCreate,
		"zone_key_delete":           (*world).keyDelete,
		"zone_getspecific":          (*world).getSpecific,
		"zone_setspecific":          (*world).setSpecific,
		"zone_hold_ref":             (*world).holdRef,
		"zone_rele_ref":             (*world).releaseRef,
		"zone_hold":                 onZone(insides.Hold),
		"zone_rele":                 onZone(insides.Release),
		"zone_cred_hold":            onZone(insides.CredHold),
		"zone_cred_rele":            onZone(insides.CredRelease),
		"zone_kadmin":               (*world).kadmin,
		"zone_shutdown_global":      (*world).shutdownGlobal,
		"zone_dataset_visible":      (*world).datasetVisible,
		"zone_find_by_path":         (*world).findByPath,
		"zone_find_by_any_path":     (*world).findByAnyPath,
		"zone_find_by_id":           (*world).findByID,
		"zone_find_by_name":         (*world).findByName,
		"zone_find_by_id_nolock":    (*world).peek,
		"zone_get_kcred":            (*world).findByID,
		"zone_check_datalink":       (*world).checkLink,
		"zone_datalink_walk":        (*world).walkLinks,
		"zone_walk":                 (*world).walk,
		"mount_in_progress":         (*world).mountInProgress,
		"mount_completed":           onZone(insides.MountCompleted),
		"zone_loadavg_update":       (*world).updateLoad,
		"zone_get_hostid":           (*world).hostID,
		"zone_status_wait":          (*world).statusWait,
		"zone_status_wait_sig":      (*world).statusWait,
		"zone_status_timedwait":     (*world).statusWait,
		"zone_status_timedwait_sig": (*world).statusWait,
		"zthread_create":            (*world).newKThread,
		"zthread_exit":              (*world).endKThread,
		"zone_ncpus_get":            (*world).cpus,
		"zone_pset":                 (*world).pset,
		"zone_pool_set":             (*world).poolSet,
		"rctl_usage":                (*world).rctlUsage,
		"rctl_test":                 (*world).rctlTest,
		"rctl_local_insert":         (*world).rctlChange,
		"rctl_local_delete":         (*world).rctlChange,
		"repeat_failed_create":      (*world).repeatCreate,

		"proc_new":        (*world).procNew,
		"proc_fork":       (*world).procFork,
		"proc_exit":       (*world).procExit,
		"unkillable":      (*world).unkillable,
		"signal":          (*world).signal,
		"set":             (*world).set,
		"init_exec_block": (*world).initExecBlock,
		"pool_lock_hold":  (*world).poolLockHold,
		"netstack_inuse":  (*world).netstackInUse,
		"door_script":     (*world).doorScript,
		"mount":           (*world).mount,
		"umount":          (*world).umount,
		"set_usage":       (*world).setUsage,
		"set_counter":     (*world).setCounter,
		"kstats":          (*world).kstats,
		"root_holds":      (*world).rootHolds,
		"zsd_block":       (*world).zsdBlock,
		"set_hw_serial":   (*world).setSerial,
		"tick":            func(*world, *call) error { return nil }, // the runner moves the clock
	}
}

func (c *call) returns(v int64) { c.result.ret = &v }

func (c *call) field(name string, v any) {
	if c.result.fields == nil {
		c.result.fields = map[string]any{}
	}
	c.result.fields[name] = v
}

func onZone(f func(insides, *kernel.Zone)) entry {
	return func(w *world, c *call) error {
		z, err := w.zone(c.step.zoneID())
		if err == nil {
			f(w.in, z)
			c.returns(0)
		}
		return err
	}
}

// found records the id of the zone that a search found, and releases the zone.
func (w *world) found(c *call, z *kernel.Zone) {
	id := int64(-1)
	if z != nil {
		id = int64(z.ID())
		w.in.Release(z)
	}
	c.field("zoneid", id)
}

func (w *world) keyCreate(c *call) error {
	slot := int(c.step.number("slot"))
	w.keys[slot] = w.in.KeyCreate(w.callbacks(slot, c.step.list("callbacks")))
	c.field("key", int64(w.keys[slot]))
	return nil
}

func (w *world) keyDelete(c *call) error {
	key := kernelseam.Key(c.step.number("key"))
	if c.step.has("slot") {
		key = w.keys[c.step.number("slot")]
	}
	if w.in.KeyDelete(key) {
		c.returns(0)
	} else {
		c.returns(-1)
	}
	return nil
}

func (w *world) getSpecific(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err != nil {
		return err
	}
	data, _ := w.in.GetSpecific(w.keys[c.step.number("slot")], z).(int)
	c.returns(int64(data))
	return nil
}

func (w *world) setSpecific(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err != nil {
		return err
	}
	if w.in.SetSpecific(w.keys[c.step.number("slot")], z, int(c.step.number("value"))) {
		c.returns(0)
	} else {
		c.returns(-1)
	}
	return nil
}

func (w *world) holdRef(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err != nil {
		return err
	}
	ref := new(kernelseam.Ref)
	for i, name := range kernelseam.Subsys {
		if name == c.step.text("subsys") {
			w.in.HoldRef(z, ref, i)
			w.refs[int(c.step.number("handle"))] = ref
			c.returns(0)
			return nil
		}
	}
	return fmt.Errorf("unknown subsystem %q", c.step.text("subsys"))
}

func (w *world) releaseRef(c *call) error {
	w.in.ReleaseRef(w.refs[int(c.step.number("handle"))])
	c.returns(0)
	return nil
}

func (w *world) kadmin(c *call) error {
	var args *string
	if c.step.has("mdep") {
		text := c.step.text("mdep")
		args = &text
	}
	e, noReturn := w.in.Kadmin(c.proc, uadmin.Cmd(c.step.number("cmd")), uadmin.Fcn(c.step.number("fcn")), args)
	if c.result.noReturn = noReturn; !noReturn {
		c.returns(int64(e))
	}
	return nil
}

func (w *world) shutdownGlobal(c *call) error {
	w.in.ShutdownGlobal()
	c.returns(0)
	return nil
}

func (w *world) datasetVisible(c *call) error {
	visible, writable := w.in.DatasetVisible(c.proc, c.step.text("dataset"))
	write := -1
	if visible && c.step.number("write_null") == 0 {
		write = 0
		if writable {
			write = 1
		}
	}
	c.field("visible", visible)
	c.field("write", write)
	return nil
}

func (w *world) findByPath(c *call) error {
	w.found(c, w.in.FindByPath(c.step.text("path")))
	return nil
}

func (w *world) findByAnyPath(c *call) error {
	w.found(c, w.in.FindByAnyPath(c.step.text("path"), c.step.number("treat_abs") != 0))
	return nil
}

func (w *world) findByID(c *call) error {
	w.found(c, w.in.FindByID(c.step.zoneID()))
	return nil
}

func (w *world) findByName(c *call) error {
	w.found(c, w.in.FindByName(c.step.text("name")))
	return nil
}

func (w *world) peek(c *call) error {
	id := int64(-1)
	if z := w.in.Peek(c.step.zoneID()); z != nil {
		id = int64(z.ID())
	}
	c.field("zoneid", id)
	return nil
}

func (w *world) checkLink(c *call) error {
	owner, err := w.k.Global().CheckDatalink(c.step.zoneID(), zone.LinkID(c.step.number("linkid")))
	c.returns(int64(zone.ErrnoOf(err)))
	c.field("zoneid", int64(owner))
	return nil
}

func (w *world) walkLinks(c *call) error {
	stop := zone.LinkID(c.step.number("stop_at"))
	c.returns(int64(w.in.WalkLinks(c.step.zoneID(), func(id zone.LinkID) int {
		w.event(Event{"e": "walk", "what": "link", "id": int64(id)})
		if id == stop {
			return 55
		}
		return 0
	})))
	return nil
}

func (w *world) walk(c *call) error {
	stop := zone.ID(c.step.number("stop_at"))
	c.returns(int64(w.in.Walk(func(z *kernel.Zone) int {
		w.event(Event{"e": "walk", "what": z.Name(), "id": int64(z.ID())})
		if z.ID() == stop {
			return 77
		}
		return 0
	})))
	return nil
}

func (w *world) mountInProgress(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err == nil {
		w.in.MountInProgress(c.proc, z)
		c.returns(0)
	}
	return err
}

func (w *world) updateLoad(c *call) error {
	for range c.step.number("times") {
		w.k.UpdateLoad()
	}
	c.returns(0)
	return nil
}

// optional returns the zone of a step, or nil if it names none.
func (w *world) optional(s *Step) (*kernel.Zone, error) {
	if !s.has("zoneid") {
		return nil, nil
	}
	return w.zone(s.zoneID())
}

func (w *world) hostID(c *call) error {
	z, err := w.optional(c.step)
	if err == nil {
		c.field("hostid", w.in.HostID(z))
	}
	return err
}

func (w *world) statusWait(c *call) error {
	s := c.step
	z, err := w.zone(s.zoneID())
	if err != nil {
		return err
	}
	want, ticks := zone.Status(s.number("status")), s.number("ticks")
	switch s.Call {
	case "zone_status_wait":
		w.in.StatusWait(c.proc, z, want)
	case "zone_status_wait_sig":
		c.returns(0)
		if w.in.StatusWaitSig(c.proc, z, want) {
			c.returns(1)
		}
	case "zone_status_timedwait":
		c.returns(w.in.StatusTimedWait(c.proc, z, ticks, want))
	default:
		c.returns(w.in.StatusTimedWaitSig(c.proc, z, ticks, want))
	}
	return nil
}

func (w *world) newKThread(c *call) error {
	w.kthreads[int(c.step.number("handle"))] = w.in.StartKThread(c.proc)
	return nil
}

func (w *world) endKThread(c *call) error {
	w.in.EndKThread(w.kthreads[int(c.step.number("handle"))])
	c.returns(0)
	return nil
}

func (w *world) cpus(c *call) error {
	z, err := w.optional(c.step)
	if err == nil {
		c.field("ncpus", w.in.CPUs(z))
		c.field("ncpus_online", w.in.CPUs(z))
	}
	return err
}

func (w *world) pset(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err != nil {
		return err
	}
	if c.step.has("set") {
		w.in.SetPset(z, int32(c.step.number("set")))
	}
	c.field("psetid", int64(w.in.Pset(z)))
	return nil
}

func (w *world) poolSet(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err == nil && !w.in.SetPool(z, c.step.text("pool")) {
		err = fmt.Errorf("unknown pool %q", c.step.text("pool"))
	}
	return err
}

func (w *world) rctlUsage(c *call) error {
	n, e := w.in.RctlUsage(c.proc, c.step.text("rctl"))
	c.returns(int64(n))
	return asError(e)
}

func (w *world) rctlTest(c *call) error {
	actions, e := w.in.RctlTest(c.proc, c.step.text("rctl"), uint64(c.step.number("incr")))
	c.returns(int64(actions))
	return asError(e)
}

func asError(e errno.Errno) error {
	if e == 0 {
		return nil
	}
	return e
}

func (w *world) rctlChange(c *call) error {
	privilege, err := strconv.ParseUint(c.step.text("privilege"), 16, 32)
	if err != nil {
		return err
	}
	limit, err := strconv.ParseUint(c.step.text("value"), 10, 64)
	if err != nil {
		return err
	}
	change := w.in.RctlInsert
	if c.step.Call == "rctl_local_delete" {
		change = w.in.RctlDelete
	}
	action := uint32(c.step.number("action")) // and flags
	const actions = rctl.Deny | rctl.Signal
	c.returns(int64(change(c.proc, c.step.text("rctl"), rctl.Value{
		Privilege: rctl.Privilege(privilege), Limit: limit,
		Action: rctl.Action(action) & actions, Flags: rctl.LocalFlags(action &^ uint32(actions)),
	})))
	return nil
}
