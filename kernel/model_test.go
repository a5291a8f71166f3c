package kernel_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestModel compares sequences of calls with a model of zones that is small enough to
// be obviously right.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, err := kernel.New(kernel.Config{MaxZones: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer kernel.Insides(k).Abandon()
		p := k.Global()
		type model struct {
			name   string
			status zone.Status
			links  []zone.LinkID
		}
		zones := map[zone.ID]*model{}
		pick := func(t *rapid.T) zone.ID { return zone.ID(rapid.IntRange(1, 6).Draw(t, "id")) }
		same := func(t *rapid.T, err error, want errno.Errno) {
			if zone.ErrnoOf(err) != want {
				t.Fatalf("got %v, want %v", err, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				i := rapid.IntRange(1, 5).Draw(t, "zone")
				id, err := p.Create(def(i))
				want := errno.Errno(0)
				if len(zones) == 3 {
					want = errno.ENOMEM
				}
				for _, z := range zones {
					if z.name == fmt.Sprintf("z%d", i) {
						want = errno.EBUSY
						if z.status == zone.StatusReady || z.status == zone.StatusRunning {
							want = errno.EEXIST
						}
					}
				}
				same(t, err, want)
				if err == nil {
					zones[id] = &model{name: fmt.Sprintf("z%d", i), status: zone.StatusReady}
				}
			},
			"boot": func(t *rapid.T) {
				id := pick(t)
				err := p.Boot(id)
				if z := zones[id]; z != nil && z.status == zone.StatusReady {
					same(t, err, 0)
					z.status = zone.StatusRunning
				} else {
					same(t, err, errno.EINVAL)
				}
			},
			"halt a ready zone": func(t *rapid.T) {
				id := pick(t)
				z := zones[id]
				if z != nil && z.status == zone.StatusRunning {
					t.Skip("takes a second")
				}
				err := p.Shutdown(id)
				if z == nil {
					same(t, err, errno.EINVAL)
					return
				}
				same(t, err, 0)
				z.status = zone.StatusDown
			},
			"destroy": func(t *rapid.T) {
				id := pick(t)
				err := p.Destroy(id)
				switch z := zones[id]; {
				case z == nil:
					same(t, err, errno.EINVAL)
				case z.status < zone.StatusDown:
					same(t, err, errno.EBUSY)
				default:
					same(t, err, 0)
					delete(zones, id)
				}
			},
			"add link": func(t *rapid.T) {
				id, link := pick(t), zone.LinkID(rapid.IntRange(1, 4).Draw(t, "link"))
				err := p.AddDatalink(id, link)
				want := errno.Errno(0)
				if zones[id] == nil {
					want = errno.ENXIO
				} else {
					for other, z := range zones {
						if slices.Contains(z.links, link) {
							want = errno.EPERM
							if other == id {
								want = errno.EEXIST
							}
						}
					}
				}
				same(t, err, want)
				if want == 0 {
					zones[id].links = slices.Insert(zones[id].links, 0, link)
				}
			},
			"": func(t *rapid.T) {
				for id, z := range zones {
					if kernel.Insides(k).Peek(id).Status() != z.status {
						t.Fatalf("zone %d is %v, want %v", id, kernel.Insides(k).Peek(id).Status(), z.status)
					}
					links := make([]zone.LinkID, 8)
					n, err := p.ListDatalinks(id, links)
					if err != nil || !slices.Equal(links[:n], z.links) {
						t.Fatalf("zone %d has links %v, want %v (%v)", id, links[:n], z.links, err)
					}
				}
				if n, _ := p.List(nil); n != len(zones)+1 {
					t.Fatalf("%d zones, want %d", n, len(zones)+1)
				}
				if wrong := kernel.Insides(k).Invariants(); wrong != nil {
					t.Fatal(wrong)
				}
			},
		})
	})
}
