package zoneadmd

import (
	"slices"
	"testing"

	"github.com/gozones/zones/sys/zone"
)

// serviced is a kernel with pools and services.
type serviced struct {
	*pools
	enabled []string
}

func (k *serviced) ServiceEnabled(service string) bool { return slices.Contains(k.enabled, service) }
func (k *serviced) EnableService(service string) error { return k.call("enable", " "+service) }

// TestServices: a cap needs rcapd, without which the zone isn't made; a range of processors is
// for poold, without which there is a warning.
func TestServices(t *testing.T) {
	t.Parallel()
	const (
		limit  = `<mcap physcap="1073741824"/>`
		own    = `<tmp_pool importance="5"/><pset ncpu_min="1" ncpu_max="2"/>`
		exact  = `<tmp_pool importance="5"/><pset ncpu_min="2" ncpu_max="2"/>`
		rcapd  = "enable svc:/system/rcap:default"
		poold  = "svc:/system/pools/dynamic:default"
		failed = "enabling system/rcap service failed: refused\n"
	)
	for _, test := range []struct {
		name, elements, refuse string
		enabled                []string
		said                   string
		calls                  []string
	}{
		{"a cap", limit, "", nil, "", []string{rcapd}},
		{"no service", limit, "enable", nil, failed, []string{rcapd}},
		{"a range", own, "", nil, noPoold + "\n", []string{"own 1 2 5", "remove z1"}},
		{"a range with poold", own, "", []string{poold}, "", []string{"own 1 2 5", "remove z1"}},
		{"no range", exact, "", nil, "", []string{"own 2 2 5", "remove z1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", test.elements)
			k := &serviced{&pools{memory: s.memory, refuse: test.refuse}, test.enabled}
			s.kernel = k
			s.start()
			reply := s.ask(zone.CommandReady, "")
			if reply.Text != test.said || (reply.Result == 0) != (test.refuse == "") {
				t.Errorf("%+v", reply)
			}
			if _, err := s.Lookup("z1"); (err == nil) != (test.refuse == "") {
				t.Errorf("the zone: %v", err)
			}
			if test.refuse == "" {
				s.ask(zone.CommandHalt, "")
			}
			if !slices.Equal(k.calls, test.calls) {
				t.Errorf("called were %q", k.calls)
			}
		})
	}
}
