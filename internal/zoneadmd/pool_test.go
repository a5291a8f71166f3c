package zoneadmd

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// pools is a kernel that has pools.
type pools struct {
	*memory
	refuse string
	calls  []string
}

func (p *pools) call(what, text string) error {
	p.calls = append(p.calls, what+text)
	if what == p.refuse {
		return errors.New("refused")
	}
	return nil
}

func (p *pools) BindPool(_ zone.ID, pool string) error { return p.call("bind", " "+pool) }
func (p *pools) BindOwnPool(_ zone.ID, c zone.Processors) error {
	return p.call("own", fmt.Sprint(" ", c.Min, c.Max, c.Importance))
}
func (p *pools) RemoveOwnPool(name string) error { return p.call("remove", " "+name) }

func (p *pools) PoolLinks(_ zone.ID, pool string) error   { return p.call("links", " "+pool) }
func (p *pools) UnpoolLinks(_ zone.ID, pool string) error { return p.call("unlinks", " "+pool) }

// TestPools binds zones to pools, and refuses to run one without the processors that it was
// promised.
func TestPools(t *testing.T) {
	t.Parallel()
	const own = `<tmp_pool importance="5"/><pset ncpu_min="1" ncpu_max="2"/>`
	for _, test := range []struct {
		name, attributes, elements, refuse string
		booted                             bool
		said                               string
		calls                              []string
	}{
		{"none", "", "", "", true, "", nil},
		{"a pool", `pool="web"`, "", "", true, "", []string{"bind web"}},
		{"no such pool", `pool="web"`, "", "bind", true, "WARNING: unable to bind to pool 'web'; using default pool.\n", []string{"bind web"}},
		{"its own", "", own, "", true, "", []string{"own 1 2 5", "remove z1"}},
		{"links", `pool="web" ip-type="exclusive"`, "", "", true, "", []string{"bind web", "links web", "unlinks web"}},
		{"links without the pool", `pool="web" ip-type="exclusive"`, "", "bind", true,
			"WARNING: unable to bind to pool 'web'; using default pool.\n", []string{"bind web", "unlinks web"}},
		{"links that stay", `ip-type="exclusive"`, own, "links", true, "WARNING: unable to set pool to datalinks\n", []string{"own 1 2 5", "links ", "unlinks ", "remove z1"}},
		{"links for no pool", `ip-type="exclusive"`, "", "", true, "", nil},
		{"not to be had", "", own, "own", false,
			"Could not create a temporary pool: refused\ndedicated-cpu setting cannot be instantiated\n", []string{"own 1 2 5", "remove z1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", test.attributes, test.elements)
			p := &pools{memory: s.memory, refuse: test.refuse}
			s.kernel = p
			s.start()
			reply := s.ask(zone.CommandBoot, "")
			if reply.Text != test.said || (reply.Result == 0) != test.booted {
				t.Errorf("%+v", reply)
			}
			if test.booted {
				if reply := s.ask(zone.CommandHalt, ""); reply.Result != 0 {
					t.Errorf("%+v", reply)
				}
			}
			s.stateIs(zonecfg.Installed)
			if !slices.Equal(p.calls, test.calls) {
				t.Errorf("called were %q", p.calls)
			}
		})
	}
}
