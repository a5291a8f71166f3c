package kernel_test

import (
	"encoding/binary"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// hurry is a clock on which every wait ends immediately.
type hurry struct{ ticks atomic.Int64 }

func (c *hurry) Ticks() int64   { return c.ticks.Load() }
func (c *hurry) Seconds() int64 { return c.ticks.Load() / kernel.Hz }

func (c *hurry) AfterTicks(n int64, f func()) kernel.Timer {
	c.ticks.Add(n)
	go f()
	return noTimer{}
}

type noTimer struct{}

func (noTimer) Stop() {}

// page is a caller's memory: the bytes of the input, from address 4096 on.
type page []byte

const pageBase = 4096

var errNotMapped = errors.New("not mapped")

func (p page) at(addr uint64, n int) (page, error) {
	if addr < pageBase || addr-pageBase > uint64(len(p)) || uint64(len(p))-(addr-pageBase) < uint64(n) {
		return nil, errNotMapped
	}
	return p[addr-pageBase:], nil
}

func (p page) ReadMem(addr uint64, b []byte) error {
	from, err := p.at(addr, len(b))
	copy(b, from)
	return err
}

func (p page) WriteMem(addr uint64, b []byte) error {
	to, err := p.at(addr, len(b))
	copy(to, b)
	return err
}

// FuzzSyscall makes calls of random subcodes with random arguments from a process with
// all privileges, one without any, and one inside a zone. Whatever the input, the
// kernel must not panic, and its counts must stay right.
func FuzzSyscall(f *testing.F) {
	// A zone's life: create with a zone_def at the start of the memory, boot, query,
	// shut down, destroy.
	def := make([]byte, 0, 256)
	for _, m := range []uint64{pageBase + 80, pageBase + 84, pageBase + 92, 12, 0, 0, pageBase + 104, pageBase + 108, 6, 1} {
		def = binary.LittleEndian.AppendUint64(def, m)
	}
	def = append(def, "web\x00/r/web\x00\x00"...)
	def = append(def, make([]byte, 16)...)
	def = append(def, "a,b/c\x00"...)
	calls := []byte{0, 0, 0, 0, 7, 1, 0, 0, 2, 1, 3, 0, 5, 1, 0, 0, 1, 1, 0, 0}
	f.Add(calls, def)
	f.Add([]byte{0, 0, 0, 0, 9, 1, 10, 5, 4, 0, 1, 2, 6, 3, 0, 0, 10, 1, 7, 0, 12, 1, 7, 0, 13, 1, 2, 2, 11, 1, 7, 0}, def)
	f.Add([]byte{0, 0x80, 0, 0, 3, 0x41, 0, 0, 8, 2, 0, 0, 99, 1, 2, 3}, def)
	f.Fuzz(func(t *testing.T, calls, memory []byte) {
		if len(calls) > 400 || len(memory) > 1<<14 {
			return
		}
		k, err := kernel.New(kernel.Config{Clock: new(hurry)})
		if err != nil {
			t.Fatal(err)
		}
		defer kernel.Insides(k).Abandon()
		all := priv.Set{^uint32(0), ^uint32(0), ^uint32(0)}
		callers := []*kernel.Proc{
			k.AddProc(kernel.ProcSpec{Effective: all, Permitted: all}),
			k.AddProc(kernel.ProcSpec{}),
			k.AddProc(kernel.ProcSpec{Effective: all, Permitted: all, Model32: true}),
		}
		for ; len(calls) >= 4; calls = calls[4:] {
			p := callers[int(calls[1]>>6)%len(callers)]
			args := [4]uint64{uint64(calls[1] & 0x3f), uint64(calls[2]), pageBase + uint64(calls[3])*8, uint64(calls[3])}
			switch sub := zone.Subcode(int8(calls[0])); sub {
			case zone.SubCreate, zone.SubLookup, zone.SubVersion, zone.SubCheckDatalink, zone.SubList:
				args[0] = pageBase + uint64(calls[1]&0x3f)*8
				if sub != zone.SubCheckDatalink {
					args[1] = pageBase + uint64(calls[2])
				}
				fallthrough
			default:
				ret, e := p.Syscall(sub, args, page(memory))
				if e != 0 && ret != -1 {
					t.Fatalf("subcode %d failed with %v and returned %d", sub, e, ret)
				}
			}
		}
		if wrong := kernel.Insides(k).Invariants(); wrong != nil {
			t.Fatal(wrong)
		}
	})
}
