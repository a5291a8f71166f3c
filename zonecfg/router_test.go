package zonecfg_test

import (
	"errors"
	"testing"

	"github.com/gozones/zones/zonecfg"
)

// TestCheckRouter: a default router is an address of either kind or a host name, without
// an interface; a prefix length is ignored with a warning.
func TestCheckRouter(t *testing.T) {
	t.Parallel()
	for router, want := range map[string]struct{ sound, warned bool }{
		"192.0.2.1":        {true, false},
		"192.0.2.1/24":     {true, true},
		"2001:db8::1":      {true, false},
		"2001:db8::1/64":   {true, true},
		"gate.example.org": {true, false},
		"fe80::1%net0":     {false, false},
		"fe80::1%net0/10":  {false, true},
		"no router":        {false, false},
		"":                 {false, false},
	} {
		warning, err := zonecfg.CheckRouter(router)
		if (err == nil) != want.sound || (warning != "") != want.warned {
			t.Errorf("%q: %q, %v", router, warning, err)
		}
		var invalid *zonecfg.Invalid
		if err != nil && (!errors.As(err, &invalid) || invalid.Property != "defrouter") {
			t.Errorf("%q: the error isn't of defrouter: %v", router, err)
		}
	}
}
