package kernel_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

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
	put := func(s priv.Set) uint64 { return p.put(setOf(s)) }
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
	call(0, 0, setFlag, 2, 0, 0, 0) // not aware yet: no effect
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

	// The kernel's table, first only its header.
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

// TestProcessFlags: what is needed to change each of a process's privilege flags.
func TestProcessFlags(t *testing.T) {
	const set, setFlag, getFlag = 0, 3, 4
	const aware, protect, awareReset, macAware = 0x2, 0x8, 0x40, 0x10
	const exactly, effective, permitted, limit = 2, 0, 2, 3
	p := newProgram(t, kernel.Config{}, user())
	call := func(want int64, e errno.Errno, args ...uint64) {
		t.Helper()
		p.call(kernel.SysPrivsys, want, e, args...)
	}
	call(0, 0, setFlag, protect, 1, 0, 0)
	call(-1, errno.EINVAL, getFlag, protect, 0, 0, 0) // isn't stored with the others
	call(-1, errno.EPERM, setFlag, macAware, 1, 0, 0) // without net_mac_aware
	call(0, 0, setFlag, awareReset, 1, 0, 0)
	call(0, 0, setFlag, aware, 1, 0, 0) // clears the reset flag
	call(0, 0, getFlag, awareReset, 0, 0, 0)
	call(1, 0, getFlag, aware, 0, 0, 0)

	// Root without all privileges can't go back to having them all.
	p.proc = p.k.AddProc(root())
	call(0, 0, setFlag, macAware, 1, 0, 0)
	call(0, 0, setFlag, aware, 1, 0, 0)
	call(0, 0, setFlag, aware, 0, 0, 0)
	basic := p.put(setOf(priv.Basic()))
	call(0, 0, set, exactly, permitted, basic, priv.SetSize)
	call(-1, errno.EPERM, setFlag, aware, 0, 0, 0)
	call(0, 0, set, exactly, limit, basic, priv.SetSize)
	call(0, 0, setFlag, aware, 0, 0, 0)
	call(-1, errno.EINVAL, 1, 0, 4, 0, priv.SetSize) // not a set of processes
}

func setOf(s priv.Set) (raw []byte) {
	for _, w := range s {
		raw = binary.LittleEndian.AppendUint32(raw, w)
	}
	return raw
}
