package kernel_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
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

// program is a process with memory that makes system calls.
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

// call makes a call and checks its result.
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
	bad  = 0x10 // an unmapped address
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
	// An int is half a register: the upper half is ignored.
	p.call(kernel.SysZone, 0, 0, high|uint64(zone.SubLookup), 0)
	p.call(kernel.SysZone, 7, 0, high|uint64(zone.SubGetattr), high, high|uint64(zone.AttrName), 0, 0)
	p.call(kernel.SysZone, -1, errno.EINVAL, 99)
	p.call(4711, -1, errno.ENOSYS)

	// A short buffer is filled, and the full size is returned.
	buf := p.put([]byte("########"))
	p.call(kernel.SysZone, 7, 0, uint64(zone.SubGetattr), 0, uint64(zone.AttrName), buf, 3)
	if got := string(p.at(buf, 8)); got != "glo#####" {
		t.Errorf("name in three bytes: %q", got)
	}
}

// def lays out a zone_def: nine words, the fields for labels, flags.
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

// TestZoneDef: each kernel reads the flags at their place in its structure.
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
			// A byte less than it reads is a bad address.
			end := pageBase + uint64(len(p.mem))
			size := uint64(abitest.Layout(t, layout).Size)
			copy(p.at(end-size, int(size)), p.at(p.def("", "/", labels), int(size)))
			p.call(kernel.SysZone, -1, errno.EINVAL, uint64(zone.SubCreate), end-size)
			p.call(kernel.SysZone, -1, errno.EFAULT, uint64(zone.SubCreate), end-size+1)
		})
	}
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
	machine := sim.New()
	p := newProgram(t, kernel.Config{Host: machine}, root())
	mounted := func(want ...host.Mount) {
		t.Helper()
		if all, err := machine.Mounts(); err != nil || !slices.Equal(all, want) {
			t.Errorf("mounted are %v, %v, want %v", all, err, want)
		}
	}
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
	const noSuid = 0x10
	one := host.Mount{Point: "/usr", Resource: "/usr", FSType: "lofs"}
	p.call(kernel.SysMount, 0, 0, special, inside, optionStr|readOnly, lofs, options, 1024)
	one.Options = "nodevices,ro"
	mounted(one)
	p.call(kernel.SysUmount2, -1, errno.EINVAL, inside, 1)
	mounted(one)
	p.call(kernel.SysUmount2, 0, 0, inside, force)
	mounted()
	for flags, text := range map[uint64]string{0: "", readOnly: "ro", noSuid: "nosuid", readOnly | noSuid: "ro,nosuid"} {
		p.call(kernel.SysMount, 0, 0, special, inside, flags, lofs, 0, 0)
		one.Options = text
		mounted(one)
		p.call(kernel.SysUmount2, 0, 0, inside, 0)
	}
	p.call(kernel.SysUmount2, -1, errno.EINVAL, inside, 0)
	p.proc = p.k.AddProc(user())
	p.call(kernel.SysMount, -1, errno.EPERM, special, inside, 0, lofs, 0, 0)
}
