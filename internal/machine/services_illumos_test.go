package machine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestServices asks for services and enables those that aren't, with programs that record what
// they are called with.
func TestServices(t *testing.T) {
	dir := t.TempDir()
	prop, adm := svcprop, svcadm
	t.Cleanup(func() { svcprop, svcadm = prop, adm })
	svcprop, svcadm = filepath.Join(dir, "svcprop"), filepath.Join(dir, "svcadm")
	for path, script := range map[string]string{
		svcprop: `case "$3" in svc:/on) echo true ;; svc:/off) echo false ;; *) echo none >&2; exit 1 ;; esac`,
		svcadm:  `echo "$*" >>` + dir + `/calls; case "$2" in svc:/none) echo "svcadm: no  instance"; exit 1 ;; svc:/mute) exit 3 ;; esac`,
	} {
		if err := testenv.WriteProgram(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	k := new(kernel)
	for service, test := range map[string]struct {
		enabled     bool
		call, fails string
	}{
		"svc:/on":   {true, "", ""},
		"svc:/off":  {false, "enable svc:/off\n", ""},
		"svc:/none": {false, "enable svc:/none\n", "svcadm: no instance"},
		"svc:/mute": {false, "enable svc:/mute\n", "exit status 3"},
	} {
		os.Remove(filepath.Join(dir, "calls"))
		if got := k.ServiceEnabled(service); got != test.enabled {
			t.Errorf("%s is enabled: %v", service, got)
		}
		err := k.EnableService(service)
		if (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
			t.Errorf("enabling %s: %v", service, err)
		}
		if calls, _ := os.ReadFile(filepath.Join(dir, "calls")); string(calls) != test.call {
			t.Errorf("svcadm was called with %q, not %q", calls, test.call)
		}
	}
	svcprop = filepath.Join(dir, "missing")
	if k.ServiceEnabled("svc:/on") {
		t.Error("a service is enabled on a system without services")
	}
}
