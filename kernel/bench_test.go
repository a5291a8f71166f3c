package kernel_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/zone"
)

// newKernel returns a kernel in memory that is closed with the test.
func newKernel(tb testing.TB) *kernel.Kernel {
	tb.Helper()
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { k.Close(); kernel.Insides(k).Abandon() })
	return k
}

func def(i int) *zone.Def {
	return &zone.Def{Name: fmt.Sprintf("z%d", i), Root: fmt.Sprintf("/zones/z%d/root", i)}
}

func create(tb testing.TB, p *kernel.Proc, i int) zone.ID {
	tb.Helper()
	id, err := p.Create(def(i))
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

func BenchmarkGetattrStatus(b *testing.B) {
	p := newKernel(b).Global()
	id := create(b, p, 1)
	b.Run("1", func(b *testing.B) {
		var buf [4]byte
		b.ReportAllocs()
		for b.Loop() {
			if n, err := p.Getattr(id, zone.AttrStatus, buf[:]); n != 4 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			var buf [4]byte
			for pb.Next() {
				p.Getattr(id, zone.AttrStatus, buf[:])
			}
		})
	})
}

func BenchmarkLookup(b *testing.B) {
	p := newKernel(b).Global()
	create(b, p, 1)
	b.Run("1", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Lookup("z1"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p.Lookup("z1")
			}
		})
	})
}

// BenchmarkCreateDestroy is a zone's whole life without processes, while no, ten, and
// the maximum number of other zones exist.
func BenchmarkCreateDestroy(b *testing.B) {
	for _, others := range []int{0, 10, 8190} {
		b.Run(fmt.Sprintf("beside%d", others), func(b *testing.B) {
			p := newKernel(b).Global()
			for i := range others {
				create(b, p, i)
			}
			d := &zone.Def{Name: "bench", Root: "/bench/root"}
			b.ReportAllocs()
			for b.Loop() {
				id, err := p.Create(d)
				if err == nil {
					err = p.Shutdown(id)
				}
				if err == nil {
					err = p.Destroy(id)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFill makes n zones: the cost of one, and the memory that one ready zone
// takes.
func BenchmarkFill(b *testing.B) {
	for _, n := range []int{10, 8191} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			k := newKernel(b)
			p := k.Global()
			before := memory()
			made := 0
			for b.Loop() {
				if made == n { // start again
					b.StopTimer()
					kernel.Insides(k).Abandon()
					k = newKernel(b)
					p, before, made = k.Global(), memory(), 0
					b.StartTimer()
				}
				create(b, p, made)
				made++
			}
			for ; made < n; made++ {
				create(b, p, made)
			}
			b.ReportMetric(float64(memory()-before)/float64(n), "bytes/zone")
		})
	}
}

// memory returns the memory used by the heap and the stacks of goroutines, without
// garbage.
func memory() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
