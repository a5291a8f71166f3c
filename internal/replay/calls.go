package replay

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// make carries out the call of a step by a process.
func (w *world) make(c *call) error {
	s := c.step
	if sub, ok := w.subcode(s); ok {
		args, err := w.arguments(c, s)
		if err != nil {
			return err
		}
		if s.Model == "ilp32" {
			c.proc.SetModel32(true)
			defer c.proc.SetModel32(false)
		}
		ret, e := c.proc.Syscall(sub, args, &c.mem)
		c.result.ret, c.result.errno = &ret, e
		return nil
	}
	if entry, ok := entries[s.Call]; ok {
		return entry(w, c)
	}
	return fmt.Errorf("unknown call %q", s.Call)
}

// subcode returns the number of a system call; names beginning with cmd are
// subcodes that don't exist.
func (w *world) subcode(s *Step) (zone.Subcode, bool) {
	if sub, ok := w.env.Commands[s.Call]; ok {
		return sub, true
	}
	if number, ok := strings.CutPrefix(s.Call, "cmd"); ok {
		n, err := strconv.Atoi(number)
		return zone.Subcode(n), err == nil
	}
	return 0, false
}

// arguments lays a system call's arguments out as a program would pass them.
func (w *world) arguments(c *call, s *Step) (args [4]uint64, err error) {
	at := func(name string) uint64 {
		addr, e := c.mem.argument(name, s.Args[name])
		if e != nil && err == nil {
			err = e
		}
		return addr
	}
	n := func(name string) uint64 { return uint64(s.number(name)) }
	switch s.Call {
	case "create":
		args[0] = w.def(c, s, at)
	case "getattr", "setattr":
		args = [4]uint64{n("zoneid"), n("attr"), at("buf"), n("bufsize")}
	case "list":
		args = [4]uint64{at("zoneidlist"), at("numzones")}
	case "lookup":
		args[0] = at("name")
	case "version":
		args[0] = at("version")
	case "add_datalink", "del_datalink":
		args = [4]uint64{n("zoneid"), n("linkid")}
	case "check_datalink":
		args = [4]uint64{at("zoneidp"), n("linkid")}
	case "list_datalink":
		args = [4]uint64{n("zoneid"), at("nump"), at("idarray")}
	default:
		args[0] = n("zoneid")
	}
	return args, err
}

// def lays zone_def out in the caller's data model.
func (w *world) def(c *call, s *Step, at func(string) uint64) uint64 {
	if raw, ok := s.Args["def"]; ok {
		_ = raw
		return at("def")
	}
	members := []uint64{
		at("name"), at("root"), at("privs"), uint64(s.number("privssz")), at("rctlbuf"), uint64(s.number("rctlbufsz")),
		at("extended_error"), at("zfsbuf"), uint64(s.number("zfsbufsz")), uint64(uint32(s.number("flags"))),
	}
	var raw []byte
	for _, m := range members {
		if s.Model == "ilp32" {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(m))
		} else {
			raw = binary.LittleEndian.AppendUint64(raw, m)
		}
	}
	return c.mem.add("", raw, false)
}

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
		"zone_hold":                 onZone((*kernel.Kernel).Hold),
		"zone_rele":                 onZone((*kernel.Kernel).Release),
		"zone_cred_hold":            onZone((*kernel.Kernel).CredHold),
		"zone_cred_rele":            onZone((*kernel.Kernel).CredRelease),
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
		"mount_completed":           onZone((*kernel.Kernel).MountCompleted),
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

func onZone(f func(*kernel.Kernel, *kernel.Zone)) entry {
	return func(w *world, c *call) error {
		z, err := w.zone(c.step.zoneID())
		if err == nil {
			f(w.k, z)
			c.returns(0)
		}
		return err
	}
}

// found is the result of a search: the zone's id, the zone released again.
func (w *world) found(c *call, z *kernel.Zone) {
	id := int64(-1)
	if z != nil {
		id = int64(z.ID())
		w.k.Release(z)
	}
	c.field("zoneid", id)
}

func (w *world) keyCreate(c *call) error {
	slot := int(c.step.number("slot"))
	w.keys[slot] = w.k.KeyCreate(w.callbacks(slot, c.step.list("callbacks")))
	c.field("key", int64(w.keys[slot]))
	return nil
}

func (w *world) keyDelete(c *call) error {
	key := kernel.Key(c.step.number("key"))
	if c.step.has("slot") {
		key = w.keys[c.step.number("slot")]
	}
	if w.k.KeyDelete(key) {
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
	data, _ := w.k.GetSpecific(w.keys[c.step.number("slot")], z).(int)
	c.returns(int64(data))
	return nil
}

func (w *world) setSpecific(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err != nil {
		return err
	}
	if w.k.SetSpecific(w.keys[c.step.number("slot")], z, int(c.step.number("value"))) {
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
	ref := new(kernel.Ref)
	for i, name := range kernel.Subsys {
		if name == c.step.text("subsys") {
			w.k.HoldRef(z, ref, i)
			w.refs[int(c.step.number("handle"))] = ref
			c.returns(0)
			return nil
		}
	}
	return fmt.Errorf("unknown subsystem %q", c.step.text("subsys"))
}

func (w *world) releaseRef(c *call) error {
	w.k.ReleaseRef(w.refs[int(c.step.number("handle"))])
	c.returns(0)
	return nil
}

func (w *world) kadmin(c *call) error {
	var args *string
	if c.step.has("mdep") {
		text := c.step.text("mdep")
		args = &text
	}
	e, noReturn := c.proc.Kadmin(int(c.step.number("cmd")), int(c.step.number("fcn")), args)
	if c.result.noReturn = noReturn; !noReturn {
		c.returns(int64(e))
	}
	return nil
}

func (w *world) shutdownGlobal(c *call) error {
	w.k.ShutdownGlobal()
	c.returns(0)
	return nil
}

func (w *world) datasetVisible(c *call) error {
	visible, writable := c.proc.DatasetVisible(c.step.text("dataset"))
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
	w.found(c, w.k.FindByPath(c.step.text("path")))
	return nil
}

func (w *world) findByAnyPath(c *call) error {
	w.found(c, w.k.FindByAnyPath(c.step.text("path"), c.step.number("treat_abs") != 0))
	return nil
}

func (w *world) findByID(c *call) error {
	w.found(c, w.k.FindByID(c.step.zoneID()))
	return nil
}

func (w *world) findByName(c *call) error {
	w.found(c, w.k.FindByName(c.step.text("name")))
	return nil
}

func (w *world) peek(c *call) error {
	id := int64(-1)
	if z := w.k.Peek(c.step.zoneID()); z != nil {
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
	c.returns(int64(w.k.WalkLinks(c.step.zoneID(), func(id zone.LinkID) int {
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
	c.returns(int64(w.k.Walk(func(z *kernel.Zone) int {
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
		c.proc.MountInProgress(z)
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

// optional is the zone of a step that may name none.
func (w *world) optional(s *Step) (*kernel.Zone, error) {
	if !s.has("zoneid") {
		return nil, nil
	}
	return w.zone(s.zoneID())
}

func (w *world) hostID(c *call) error {
	z, err := w.optional(c.step)
	if err == nil {
		c.field("hostid", w.k.HostID(z))
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
		c.proc.StatusWait(z, want)
	case "zone_status_wait_sig":
		c.returns(0)
		if c.proc.StatusWaitSig(z, want) {
			c.returns(1)
		}
	case "zone_status_timedwait":
		c.returns(c.proc.StatusTimedWait(z, ticks, want))
	default:
		c.returns(c.proc.StatusTimedWaitSig(z, ticks, want))
	}
	return nil
}

func (w *world) newKThread(c *call) error {
	w.kthreads[int(c.step.number("handle"))] = c.proc.NewKThread()
	return nil
}

func (w *world) endKThread(c *call) error {
	w.k.EndKThread(w.kthreads[int(c.step.number("handle"))])
	c.returns(0)
	return nil
}

func (w *world) cpus(c *call) error {
	z, err := w.optional(c.step)
	if err == nil {
		c.field("ncpus", w.k.CPUs(z))
		c.field("ncpus_online", w.k.CPUs(z))
	}
	return err
}

func (w *world) pset(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err != nil {
		return err
	}
	if c.step.has("set") {
		w.k.SetPset(z, int32(c.step.number("set")))
	}
	c.field("psetid", int64(w.k.Pset(z)))
	return nil
}

func (w *world) poolSet(c *call) error {
	z, err := w.zone(c.step.zoneID())
	if err == nil && !w.k.SetPool(z, c.step.text("pool")) {
		err = fmt.Errorf("unknown pool %q", c.step.text("pool"))
	}
	return err
}

func (w *world) rctlUsage(c *call) error {
	n, e := c.proc.RctlUsage(c.step.text("rctl"))
	c.returns(int64(n))
	return asError(e)
}

func (w *world) rctlTest(c *call) error {
	actions, e := c.proc.RctlTest(c.step.text("rctl"), uint64(c.step.number("incr")))
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
	change := c.proc.RctlInsert
	if c.step.Call == "rctl_local_delete" {
		change = c.proc.RctlDelete
	}
	c.returns(int64(change(c.step.text("rctl"), uint32(privilege), limit, uint32(c.step.number("action")))))
	return nil
}

func (w *world) repeatCreate(c *call) error {
	s := c.step
	for range s.number("times") {
		one := &call{step: &Step{Call: "create", Args: s.Args}, proc: c.proc}
		args, err := w.arguments(one, one.step)
		if err != nil {
			return err
		}
		if _, e := c.proc.Syscall(zone.SubCreate, args, &one.mem); int64(e) != s.number("errno") {
			return fmt.Errorf("a repeated create failed with %s, recorded %d", e.Name(), s.number("errno"))
		}
	}
	return nil
}
