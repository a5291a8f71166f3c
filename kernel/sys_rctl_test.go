package kernel_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

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

	// At first there is only the system's value.
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

	// Invalid values.
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

	// For the whole system: only how exceeding a value is reported can be changed.
	b := rctl.Block{GlobalFlagAction: uint32(rctl.GlobalSyslog), GlobalSyslogLevel: 5}
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

// TestRctlsysRefusals: the errors for bad arguments, in the order in which they are
// checked.
func TestRctlsysRefusals(t *testing.T) {
	p := newProgram(t, kernel.Config{}, root())
	name, none, long := p.text("zone.max-lwps"), p.text("zone.max-joy"), p.text(strings.Repeat("x", zone.PathMax))
	good, worse := p.block(rctl.Limited(5, rctl.Deny)), p.block(rctl.Value{Limit: 5})
	strange := rctl.BlockOf(rctl.Limited(5, rctl.Deny))
	strange.LocalFlagAction |= 0x100
	raw, _ := strange.AppendBinary(nil)
	unknownBits := p.put(raw)
	insert, replace := uint64(rctl.SetInsert), uint64(rctl.SetReplace)
	for _, test := range []struct {
		why  string
		e    errno.Errno
		args []uint64
	}{
		{"an action that there isn't", errno.EINVAL, []uint64{rctlSet, name, 0, good, 0, 3}},
		{"flags that there aren't", errno.EINVAL, []uint64{rctlSet, name, 0, good, 0, 0x80000000}},
		{"no value", errno.EFAULT, []uint64{rctlSet, name, 0, 0, 0, insert}},
		{"no place for the value", errno.EFAULT, []uint64{rctlGet, name, 0, 0, 0, 0}},
		{"no name", errno.EFAULT, []uint64{rctlSet, 0, 0, good, 0, insert}},
		{"a name that doesn't end", errno.EFAULT, []uint64{rctlSet, long, 0, good, 0, insert}},
		{"no such control", errno.EINVAL, []uint64{rctlSet, none, 0, good, 0, insert}},
		{"a value out of reach", errno.EFAULT, []uint64{rctlSet, name, 0, bad, 0, insert}},
		{"a value with unknown bits", errno.EINVAL, []uint64{rctlSet, name, 0, unknownBits, 0, insert}},
		{"a bad value to replace", errno.EINVAL, []uint64{rctlSet, name, worse, good, 0, replace}},
		{"a value to go on from that isn't there", errno.ESRCH, []uint64{rctlGet, name, unknownBits, good, 0, uint64(rctl.GetNext)}},
		{"no such control of the machine", errno.EFAULT, []uint64{rctlCtl, 0, good, 0, 0, uint64(rctl.CtlGet)}},
		{"no place for the machine's", errno.EFAULT, []uint64{rctlCtl, name, bad, 0, 0, uint64(rctl.CtlGet)}},
		{"the machine's out of reach", errno.EFAULT, []uint64{rctlCtl, name, bad, 0, 0, uint64(rctl.CtlSet)}},
	} {
		t.Run(test.why, func(t *testing.T) {
			p.T = t
			p.call(kernel.SysRctlsys, -1, test.e, test.args...)
		})
	}
}
