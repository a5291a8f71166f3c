package kernel_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/zone"
)

// TestStress mixes calls on a few hundred zones from many goroutines, and keeps
// checking the kernel's bookkeeping meanwhile.
func TestStress(t *testing.T) {
	const zones, workers, rounds = 200, 8, 150
	k := newKernel(t)
	p := k.Global()
	var seen struct {
		sync.Mutex
		uniqids map[uint64]bool
	}
	seen.uniqids = map[uint64]bool{}
	var work sync.WaitGroup
	for w := range workers {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 1))
			for range rounds {
				i := random.IntN(zones)
				name := fmt.Sprintf("z%d", i)
				id, err := p.Lookup(name)
				switch random.IntN(8) {
				case 0, 1:
					if id, err := p.Create(def(i)); err == nil {
						var raw [8]byte
						if _, err := p.Getattr(id, zone.AttrUniqID, raw[:]); err == nil {
							uniqid := uint64(raw[0]) | uint64(raw[1])<<8 | uint64(raw[2])<<16
							seen.Lock()
							if seen.uniqids[uniqid] {
								t.Errorf("unique id %d was given out twice", uniqid)
							}
							seen.uniqids[uniqid] = true
							seen.Unlock()
						}
					}
				case 2:
					if err == nil {
						p.Boot(id)
					}
				case 3:
					if err == nil {
						p.Setattr(id, zone.AttrBootArgs, []byte("-v\x00"))
						p.AddDatalink(id, zone.LinkID(i))
					}
				case 4:
					if err == nil && status(t, k, 0) == zone.StatusRunning {
						if z := kernel.Insides(k).FindByID(id); z != nil {
							if s := z.Status(); s < zone.StatusReady {
								t.Errorf("zone %d found while %v", id, s)
							}
							kernel.Insides(k).Release(z)
						}
					}
				case 5:
					p.List(make([]zone.ID, zones))
				case 6:
					if wrong := kernel.Insides(k).Invariants(); wrong != nil {
						t.Error(wrong)
					}
				case 7:
					if err == nil && random.IntN(4) == 0 {
						if z := kernel.Insides(k).Peek(id); z != nil && z.Status() == zone.StatusReady {
							p.Shutdown(id)
							p.Destroy(id)
						}
					}
				}
			}
		})
	}
	work.Wait()
	for i := range zones {
		id, err := p.Lookup(fmt.Sprintf("z%d", i))
		if err != nil {
			continue
		}
		work.Go(func() {
			if err := errors.Join(p.Shutdown(id), p.Destroy(id)); err != nil {
				t.Errorf("zone %d: %v", id, err)
			}
		})
	}
	work.Wait()
	s := kernel.Insides(k).Inspect()
	if len(s.Zones) != 1 || len(s.Deathrow) != 0 || len(s.Procs) != 1 {
		t.Errorf("left: %d zones, %d dead ones, %d processes", len(s.Zones), len(s.Deathrow), len(s.Procs))
	}
	if wrong := kernel.Insides(k).Invariants(); wrong != nil {
		t.Error(wrong)
	}
}
