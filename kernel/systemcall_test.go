package kernel_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

func TestSystemCallNumbers(t *testing.T) {
	numbers := abitest.Constants(t, "syscall")
	for name, number := range map[string]int64{
		"SYS_zone": kernel.SysZone, "SYS_rctlsys": kernel.SysRctlsys, "SYS_privsys": kernel.SysPrivsys, "SYS_psecflags": kernel.SysPsecflags, "SYS_uadmin": kernel.SysUadmin,
		"SYS_mount": kernel.SysMount, "SYS_umount2": kernel.SysUmount2,
	} {
		if numbers[name] != number {
			t.Errorf("%s is %d, the header has %d", name, number, numbers[name])
		}
	}
}

// program is a process with memory, as it makes system calls.
type program struct {
	*testing.T
	k    *kernel.Kernel
	proc *kernel.Proc
	mem  page
	used int
}

func newProgram(t *testing.T, config kernel.Config, spec kernel.ProcSpec) *program {
	t.Helper()
	k, err := kernel.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return &program{T: t, k: k, proc: k.AddProc(spec), mem: make(page, 1<<16)}
}

func root() kernel.ProcSpec {
	return kernel.ProcSpec{Effective: priv.Full(), Permitted: priv.Full()}
}

func user() kernel.ProcSpec {
	return kernel.ProcSpec{UID: 100, Effective: priv.Basic(), Permitted: priv.Basic()}
}

// put stores bytes and returns their address.
func (p *program) put(b []byte) uint64 {
	at := p.used
	copy(p.mem[at:], b)
	p.used = (at + len(b) + 15) &^ 15
	return pageBase + uint64(at)
}

func (p *program) text(s string) uint64 { return p.put(append([]byte(s), 0)) }

func (p *program) at(addr uint64, n int) []byte {
	return p.mem[addr-pageBase : addr-pageBase+uint64(n)]
}

// call makes a call and holds its outcome against what is wanted.
func (p *program) call(number int32, want int64, e errno.Errno, args ...uint64) {
	p.Helper()
	var all [6]uint64
	copy(all[:], args)
	got, gotErrno := p.proc.SystemCall(number, all, p.mem)
	if got != want || gotErrno != e {
		p.Errorf("system call %d%v: %d, %v; want %d, %v", number, args, got, gotErrno, want, e)
	}
}

const (
	bad  = 0x10 // an address where nothing is
	high = 0xdeadbeef << 32
)

func TestSystemCall(t *testing.T) {
	p := newProgram(t, kernel.Config{}, root())
	v := p.put(make([]byte, 8))
	p.call(kernel.SysZone, 0, 0, uint64(zone.SubVersion), v)
	if got := p.at(v, 8); got[0] != zone.APIVersion || binary.LittleEndian.Uint64(got) != zone.APIVersion {
		t.Errorf("version: % x", got)
	}
	p.call(kernel.SysZone, -1, errno.EFAULT, uint64(zone.SubVersion), bad)
	// An int is half a register: what is above doesn't count.
	p.call(kernel.SysZone, 0, 0, high|uint64(zone.SubLookup), 0)
	p.call(kernel.SysZone, 7, 0, high|uint64(zone.SubGetattr), high, high|uint64(zone.AttrName), 0, 0)
	p.call(kernel.SysZone, -1, errno.EINVAL, 99)
	p.call(4711, -1, errno.ENOSYS)

	// A short buffer is filled, and the size is told.
	buf := p.put([]byte("########"))
	p.call(kernel.SysZone, 7, 0, uint64(zone.SubGetattr), 0, uint64(zone.AttrName), buf, 3)
	if got := string(p.at(buf, 8)); got != "glo#####" {
		t.Errorf("name in three bytes: %q", got)
	}
}

// def lays zone_def out: nine words, what labels need, flags.
func (p *program) def(name, root string, labels bool) uint64 {
	var raw []byte
	word := func(v uint64) { raw = binary.LittleEndian.AppendUint64(raw, v) }
	ext := p.put(make([]byte, 4))
	for _, v := range []uint64{p.text(name), p.text(root), p.put(make([]byte, priv.SetSize)), priv.SetSize, 0, 0, ext, 0, 0} {
		word(v)
	}
	if labels {
		word(0xffffffff_ffffffff)
		word(bad)
	}
	word(zone.CreateNetExcl)
	return p.put(raw)
}

// TestZoneDef: each kernel reads the flags where its structure has them.
func TestZoneDef(t *testing.T) {
	for name, labels := range map[string]bool{"without labels": false, "with labels": true} {
		t.Run(name, func(t *testing.T) {
			layout := map[bool]string{false: "zone_def without labels", true: "zone_def"}[labels]
			p := newProgram(t, kernel.Config{Labels: labels}, root())
			def := p.def("web", "/zones/web/root", labels)
			if size, want := uint64(p.used)-(def-pageBase), abitest.Layout(t, layout).Size; size != uint64(want) {
				t.Fatalf("the structure has %d bytes, the header %d", size, want)
			}
			p.call(kernel.SysZone, 1, 0, uint64(zone.SubCreate), def)
			flags := p.put(make([]byte, 2))
			p.call(kernel.SysZone, 2, 0, uint64(zone.SubGetattr), 1, uint64(zone.AttrFlags), flags, 2)
			if got := binary.LittleEndian.Uint16(p.at(flags, 2)); got != zone.FlagNetExcl {
				t.Errorf("flags %#x", got)
			}
			// One byte less than it reads is a bad address.
			end := pageBase + uint64(len(p.mem))
			size := uint64(abitest.Layout(t, layout).Size)
			copy(p.at(end-size, int(size)), p.at(p.def("", "/", labels), int(size)))
			p.call(kernel.SysZone, -1, errno.EINVAL, uint64(zone.SubCreate), end-size)
			p.call(kernel.SysZone, -1, errno.EFAULT, uint64(zone.SubCreate), end-size+1)
		})
	}
}

func (p *program) block(v rctl.Value) uint64 {
	b := rctl.BlockOf(v)
	raw, err := b.AppendBinary(nil)
	if err != nil {
		p.Fatal(err)
	}
	return p.put(raw)
}

func (p *program) blockAt(addr uint64) (b rctl.Block) {
	if err := b.UnmarshalBinary(p.at(addr, rctl.BlockSize)); err != nil {
		p.Fatal(err)
	}
	return b
}

const (
	rctlGet, rctlSet, rctlList, rctlCtl, rctlProject = 0, 1, 2, 3, 4
)

func TestRctlsys(t *testing.T) {
	p := newProgram(t, kernel.Config{}, root())
	call := func(want int64, e errno.Errno, args ...uint64) {
		t.Helper()
		p.call(kernel.SysRctlsys, want, e, args...)
	}
	name, none := p.text("zone.max-lwps"), p.text("zone.max-nothing")
	out := p.put(make([]byte, rctl.BlockSize))
	lwps, _ := rctl.Lookup("zone.max-lwps")

	// At first there is the system's value alone.
	call(0, 0, rctlGet, name, bad, out, 0, uint64(rctl.GetFirst))
	if b := p.blockAt(out); b.Value != lwps.Max || b.Privilege != uint32(rctl.Systemic) || b.GlobalFlags() != lwps.Flags ||
		b.LocalRecipientPid != -1 || b.EnforcedValue != lwps.Max {
		t.Errorf("%+v", b)
	}
	call(-1, errno.ENOENT, rctlGet, name, out, out, 0, uint64(rctl.GetNext))
	call(-1, errno.EINVAL, rctlGet, none, 0, out, 0, 0)
	call(-1, errno.EINVAL, rctlGet, name, 0, out, 0, 3)
	call(-1, errno.EINVAL, rctlGet, name, 0, out, 0, 0x80000000)
	call(-1, errno.EFAULT, rctlGet, bad, 0, out, 0, 0)
	call(-1, errno.EFAULT, rctlGet, name, 0, bad, 0, 0)
	call(-1, errno.EFAULT, rctlGet, name, bad, out, 0, uint64(rctl.GetNext))

	// Insert, walk, replace, delete.
	limited := rctl.Limited(500, rctl.Deny|rctl.Signal)
	limited.Signal = 38 // SIGXRES
	v := p.block(limited)
	call(0, 0, rctlSet, name, 0, v, 0, uint64(rctl.SetInsert))
	call(-1, errno.EINVAL, rctlSet, name, 0, v, 0, uint64(rctl.SetInsert))
	call(0, 0, rctlGet, name, 0, out, 0, uint64(rctl.GetFirst))
	if got := p.blockAt(out).Unblock(); got != limited {
		t.Errorf("first is %+v, not %+v", got, limited)
	}
	call(0, 0, rctlGet, name, out, out, 0, uint64(rctl.GetNext))
	if got := p.blockAt(out).Unblock(); got.Privilege != rctl.Systemic {
		t.Errorf("second is %+v", got)
	}
	w := p.block(rctl.Limited(400, rctl.Deny))
	system := p.put(p.at(out, rctl.BlockSize))
	call(-1, errno.EPERM, rctlSet, name, system, w, 0, uint64(rctl.SetReplace))
	call(-1, errno.EPERM, rctlSet, name, v, system, 0, uint64(rctl.SetReplace))
	call(-1, errno.EFAULT, rctlSet, name, bad, w, 0, uint64(rctl.SetReplace))
	call(0, 0, rctlSet, name, v, w, 0, uint64(rctl.SetReplace))
	call(-1, errno.ESRCH, rctlSet, name, v, w, 0, uint64(rctl.SetReplace))
	call(-1, errno.ESRCH, rctlSet, name, 0, v, 0, uint64(rctl.SetDelete))
	call(-1, errno.EPERM, rctlSet, name, 0, system, 0, uint64(rctl.SetDelete))
	call(0, 0, rctlSet, name, 0, w, 0, uint64(rctl.SetDelete))

	// What can't be a value.
	for why, value := range map[string]rctl.Value{
		"basic":          {Privilege: rctl.Basic, Limit: 5, Action: rctl.Deny},
		"no privilege":   {Limit: 5, Action: rctl.Deny},
		"too much":       rctl.Limited(lwps.Max+1, rctl.Deny),
		"signal missing": rctl.Limited(5, rctl.Signal),
		"another signal": {Privilege: rctl.Privileged, Limit: 5, Action: rctl.Signal, Signal: 11},
		"of cpu time":    {Privilege: rctl.Privileged, Limit: 5, Action: rctl.Signal, Signal: 30},
	} {
		p.Logf("%s", why)
		call(-1, errno.EINVAL, rctlSet, name, 0, p.block(value), 0, uint64(rctl.SetInsert))
	}
	shares := p.text("zone.cpu-shares")
	call(-1, errno.EINVAL, rctlSet, shares, 0, p.block(rctl.Limited(5, rctl.Deny)), 0, uint64(rctl.SetInsert))
	call(0, 0, rctlGet, p.text("zone.max-processes"), 0, out, 0, uint64(rctl.GetUsage))
	if n := p.blockAt(out).Value; n < 1 {
		t.Errorf("%d processes", n)
	}

	// Names.
	n, _ := p.proc.SystemCall(kernel.SysRctlsys, [6]uint64{rctlList}, p.mem)
	names := p.put(make([]byte, n))
	call(n, 0, rctlList, 0, names, 0, uint64(n))
	list := strings.Split(strings.TrimSuffix(string(p.at(names, int(n))), "\x00"), "\x00")
	if !slices.Contains(list, "zone.max-lwps") || len(list) != 11 {
		t.Errorf("names %q", list)
	}
	call(n, 0, rctlList, 0, bad, 0, uint64(n)-1)
	call(-1, errno.EFAULT, rctlList, 0, bad, 0, uint64(n))

	// For the whole machine: only how exceeding is told can be changed.
	b := p.blockAt(out)
	b = rctl.Block{GlobalFlagAction: uint32(rctl.GlobalSyslog), GlobalSyslogLevel: 5}
	raw, _ := b.AppendBinary(nil)
	call(0, 0, rctlCtl, name, p.put(raw), 0, 0, uint64(rctl.CtlSet))
	call(0, 0, rctlCtl, name, out, 0, 0, uint64(rctl.CtlGet))
	if b := p.blockAt(out); b.GlobalFlags() != lwps.Flags || b.GlobalAction() != rctl.GlobalSyslog || b.GlobalSyslogLevel != 5 {
		t.Errorf("%+v", b)
	}
	call(-1, errno.ESRCH, rctlCtl, none, out, 0, 0, uint64(rctl.CtlGet))
	call(-1, errno.EINVAL, rctlCtl, name, out, 0, 0, 2)
	call(-1, errno.EINVAL, rctlProject, name, 0, out, 1, uint64(rctl.ProjectPurge))
	call(-1, errno.EFAULT, rctlProject, bad, 0, out, 1, 0)
	call(-1, errno.EINVAL, 5)
}

func TestRctlsysOfUsers(t *testing.T) {
	p := newProgram(t, kernel.Config{}, user())
	name := p.text("zone.max-lwps")
	v := p.block(rctl.Limited(500, rctl.Deny))
	p.call(kernel.SysRctlsys, -1, errno.EACCES, rctlSet, name, 0, v, 0, uint64(rctl.SetInsert))
	p.call(kernel.SysRctlsys, -1, errno.EACCES, rctlSet, name, 0, v, 0, uint64(rctl.SetDelete))
	p.call(kernel.SysRctlsys, -1, errno.EPERM, rctlCtl, name, v, 0, 0, uint64(rctl.CtlSet))
	p.call(kernel.SysRctlsys, 0, 0, rctlGet, name, 0, v, 0, 0)
}

func TestPrivsys(t *testing.T) {
	constants := abitest.Constants(t, "priv")
	const set, get, info, setFlag, getFlag = 0, 1, 2, 3, 4
	for name, code := range map[string]int64{
		"PRIVSYS_SETPPRIV": set, "PRIVSYS_GETPPRIV": get, "PRIVSYS_GETIMPLINFO": info, "PRIVSYS_SETPFLAGS": setFlag, "PRIVSYS_GETPFLAGS": getFlag,
	} {
		if constants[name] != code {
			t.Errorf("%s is %d", name, constants[name])
		}
	}
	const on, off, exactly = 0, 1, 2
	const effective, inheritable, permitted, limit = 0, 1, 2, 3
	p := newProgram(t, kernel.Config{}, user())
	call := func(want int64, e errno.Errno, args ...uint64) {
		t.Helper()
		p.call(kernel.SysPrivsys, want, e, args...)
	}
	put := func(s priv.Set) uint64 {
		raw := make([]byte, 0, priv.SetSize)
		for _, w := range s {
			raw = binary.LittleEndian.AppendUint32(raw, w)
		}
		return p.put(raw)
	}
	buf := p.put(make([]byte, priv.SetSize))
	read := func(which uint64) (s priv.Set) {
		t.Helper()
		call(0, 0, get, 0, which, buf, priv.SetSize)
		for i := range s {
			s[i] = binary.LittleEndian.Uint32(p.at(buf, priv.SetSize)[4*i:])
		}
		return s
	}
	for which, want := range map[uint64]priv.Set{effective: priv.Basic(), inheritable: priv.Basic(), permitted: priv.Basic(), limit: priv.Full()} {
		if got := read(which); got != want {
			t.Errorf("set %d is %v", which, got.List())
		}
	}
	info1 := put(priv.Of("proc_info"))
	call(0, 0, setFlag, 2, 0, 0, 0) // not aware yet: nothing to do
	call(0, 0, set, off, effective, info1, priv.SetSize)
	if read(effective).Has("proc_info") || !read(permitted).Has("proc_info") {
		t.Error("proc_info is in effect, or not permitted any more")
	}
	call(1, 0, getFlag, 2, 0, 0, 0) // PRIV_AWARE now
	call(0, 0, set, on, effective, info1, priv.SetSize)
	if !read(effective).Has("proc_info") {
		t.Error("proc_info is not back")
	}
	call(0, 0, set, off, permitted, info1, priv.SetSize)
	if read(effective).Has("proc_info") || read(permitted).Has("proc_info") {
		t.Error("proc_info is still there")
	}
	call(-1, errno.EPERM, set, on, effective, info1, priv.SetSize)
	call(-1, errno.EPERM, set, on, permitted, put(priv.Of("sys_mount")), priv.SetSize)
	call(0, 0, set, exactly, limit, put(priv.Basic()), priv.SetSize)
	call(-1, errno.EPERM, set, exactly, limit, put(priv.Full()), priv.SetSize)
	call(-1, errno.EINVAL, set, 3, effective, info1, priv.SetSize)
	call(-1, errno.EINVAL, set, on, 4, info1, priv.SetSize)
	call(-1, errno.ENOMEM, set, on, effective, info1, priv.SetSize-1)
	call(-1, errno.ENOMEM, get, 0, effective, buf, 0)
	call(-1, errno.EFAULT, get, 0, effective, bad, priv.SetSize)
	call(-1, errno.EFAULT, set, on, effective, bad, priv.SetSize)
	call(-1, errno.EINVAL, setFlag, 1, 2, 0, 0)
	call(-1, errno.EINVAL, setFlag, 3, 1, 0, 0)
	call(-1, errno.EINVAL, getFlag, 0, 0, 0, 0)
	call(0, 0, setFlag, 1, 1, 0, 0)
	call(1, 0, getFlag, 1, 0, 0, 0)
	call(-1, errno.EINVAL, 99)

	// The kernel's table, first its head alone.
	head := p.put(make([]byte, 28))
	call(0, 0, info, 0, 0, head, 28)
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(p.at(head, 28)[4*i:]) }
	var facts struct {
		Count    int      `json:"count"`
		SetWords uint32   `json:"set_words"`
		Basic    []string `json:"basic"`
		List     []struct {
			Name string `json:"name"`
			Bit  int    `json:"bit"`
		} `json:"list"`
	}
	abitest.Section(t, "privileges", &facts)
	if word(0) != 28 || word(2) != 4 || word(3) != facts.SetWords || word(4) != uint32(facts.Count) {
		t.Errorf("head % x", p.at(head, 28))
	}
	total := int(word(0) + word(6))
	all := p.put(make([]byte, total))
	call(0, 0, info, 0, 0, all, uint64(total))
	var want []byte
	for i, privilege := range facts.List {
		if privilege.Bit != i {
			t.Fatalf("the facts' privileges aren't in order")
		}
		want = append(append(want, privilege.Name...), 0)
	}
	if !strings.Contains(string(p.at(all, total)), string(want)) {
		t.Errorf("the table lacks the names, each with its NUL, in order")
	}
	call(-1, errno.EFAULT, info, 0, 0, bad, uint64(total))
}

func TestPsecflags(t *testing.T) {
	p := newProgram(t, kernel.Config{}, root())
	call := func(want int64, e errno.Errno, args ...uint64) {
		t.Helper()
		p.call(kernel.SysPsecflags, want, e, args...)
	}
	const and, byPid, byAll, me = 1, 0, 7, -1
	const effective, inherit, lower, upper = 0, 1, 2, 3
	const aslr, noexec = 1, 4
	procset := func(op, lkind, lid, rkind, rid int32) uint64 {
		var raw []byte
		for _, v := range []int32{op, lkind, lid, rkind, rid} {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
		}
		return p.put(raw)
	}
	delta := func(add, remove, assign uint64, assigns uint32) uint64 {
		var raw []byte
		for _, v := range []uint64{add, remove, assign} {
			raw = binary.LittleEndian.AppendUint64(raw, v)
		}
		raw = binary.LittleEndian.AppendUint32(raw, assigns)
		return p.put(append(raw, 0, 0, 0, 0))
	}
	self := procset(and, byPid, me, byAll, me)
	call(int64(errno.EINVAL), 0, self, effective, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, self, 4, delta(aslr, 0, 0, 0))
	call(0, 0, self, lower, delta(aslr, 0, 0, 0))
	// What the lower set has can't be taken from the others.
	call(-1, errno.EINVAL, self, inherit, delta(0, aslr, 0, 0))
	call(-1, errno.EINVAL, self, inherit, delta(0, 0, noexec, 1))
	call(0, 0, self, inherit, delta(0, 0, aslr|noexec, 1))
	call(-1, errno.EINVAL, self, inherit, delta(1<<40, 0, 0, 0))
	call(0, 0, self, upper, delta(0, 2, 0, 0))
	call(-1, errno.EINVAL, self, inherit, delta(2, 0, 0, 0))
	call(-1, errno.ESRCH, procset(and, byPid, 999999, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, procset(9, byPid, me, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EINVAL, procset(and, 8, me, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EFAULT, bad, inherit, delta(aslr, 0, 0, 0))
	call(-1, errno.EFAULT, self, inherit, bad)

	p.proc = p.k.AddProc(user())
	call(-1, errno.EPERM, procset(and, byAll, me, byAll, me), inherit, delta(aslr, 0, 0, 0))
	call(0, 0, self, inherit, delta(aslr, 0, 0, 0))
}

func TestUadmin(t *testing.T) {
	p := newProgram(t, kernel.Config{}, root())
	p.call(kernel.SysUadmin, -1, errno.EINVAL, 99)
	p.call(kernel.SysUadmin, -1, errno.ENOTSUP, 2, 0)
	p.call(kernel.SysUadmin, -1, errno.EFAULT, 1, 1, bad)
	p.call(kernel.SysUadmin, -1, errno.ENAMETOOLONG, 1, 1, p.text(strings.Repeat("x", 300)))
	p.proc = p.k.AddProc(user())
	p.call(kernel.SysUadmin, -1, errno.EPERM, 2, 0)
}

func TestMountCalls(t *testing.T) {
	p := newProgram(t, kernel.Config{}, root())
	p.call(kernel.SysZone, 1, 0, uint64(zone.SubCreate), p.def("web", "/zones/web/root", false))
	special, lofs, options := p.text("/usr"), p.text("lofs"), p.text("nodevices")
	const optionStr, readOnly, force = 0x100, 0x1, 0x400
	inside, outside, beside := p.text("/zones/web/root/usr"), p.text("/mnt"), p.text("/zones/web/root2/usr")
	p.call(kernel.SysMount, kernel.NotMine, 0, special, outside, 0, lofs, 0, 0)
	p.call(kernel.SysMount, kernel.NotMine, 0, special, beside, 0, lofs, 0, 0)
	p.call(kernel.SysUmount2, kernel.NotMine, 0, outside, 0)
	p.call(kernel.SysMount, -1, errno.EINVAL, special, inside, 0x40000000, lofs, 0, 0)
	p.call(kernel.SysMount, -1, errno.EFAULT, special, bad, 0, lofs, 0, 0)
	p.call(kernel.SysMount, -1, errno.EINVAL, special, inside, optionStr, lofs, options, 4)
	p.call(kernel.SysMount, 0, 0, special, inside, optionStr|readOnly, lofs, options, 1024)
	p.call(kernel.SysUmount2, -1, errno.EINVAL, inside, 1)
	p.call(kernel.SysUmount2, 0, 0, inside, force)
	p.call(kernel.SysUmount2, -1, errno.EINVAL, inside, 0)
	p.proc = p.k.AddProc(user())
	p.call(kernel.SysMount, -1, errno.EPERM, special, inside, 0, lofs, 0, 0)
}
