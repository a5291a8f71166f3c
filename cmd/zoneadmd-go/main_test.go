package main

import (
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	const usage = "Usage: zoneadmd -z zonename\n\tNote: zoneadmd should not be run directly.\n"
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"", 2, usage},
		{"-z", 2, usage},
		{"-?", 2, usage},
		{"-z web more", 2, usage},
		{"-x -z web", 2, usage},
		{"-v", 2, usage}, // letters are the original's
		{"-z global", 1, "cannot manage the global zone\n"},
		{"-zglobal -R /", 1, "cannot manage the global zone\n"},
		{"-z .web", 1, "could not manage .web: No such zone configured\n"},
		{"-R /a -z web", 1, "alternate root /a: not supported by this daemon\n"},
	} {
		var errs strings.Builder
		status := run(append([]string{"/usr/lib/zones/zoneadmd"}, strings.Fields(test.args)...), &errs)
		if status != test.status || errs.String() != test.want {
			t.Errorf("%q: exit %d, %q", test.args, status, errs.String())
		}
	}
}
