package kernel_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestInitExit: what the exit of init does to a zone, by the attributes that were set before
// the boot.
func TestInitExit(t *testing.T) {
	failed, killed := zone.ExitStatus{Code: 1}, zone.ExitStatus{Signal: 9}
	const restarted, halted, rebooted = zone.CommandMount, zone.CommandHalt, zone.CommandReboot // Mount: no request at all
	for _, test := range []struct {
		name  string
		attrs []zone.Attr
		exit  zone.ExitStatus
		want  zone.Command
	}{
		{"plain", nil, failed, restarted},
		{"no restart", []zone.Attr{zone.AttrInitNoRestart}, zone.ExitStatus{}, halted},
		{"restart on 0 and exit 0", []zone.Attr{zone.AttrInitRestart0}, zone.ExitStatus{}, restarted},
		{"restart on 0 and exit 1", []zone.Attr{zone.AttrInitRestart0}, failed, halted},
		{"restart on 0 and killed", []zone.Attr{zone.AttrInitRestart0}, killed, halted},
		{"reboot", []zone.Attr{zone.AttrInitReboot}, failed, rebooted},
		{"reboot on 0 and exit 0", []zone.Attr{zone.AttrInitReboot, zone.AttrInitRestart0}, zone.ExitStatus{}, rebooted},
		{"reboot on 0 and exit 1", []zone.Attr{zone.AttrInitReboot, zone.AttrInitRestart0}, failed, halted},
		{"reboot without restart", []zone.Attr{zone.AttrInitReboot, zone.AttrInitNoRestart}, zone.ExitStatus{}, halted},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k, m, id, key := hostedWith(t, test.attrs)
				defer k.Close()
				was := initPid(t, k, id)
				m.notify(host.Exit{Key: key, Pid: was, Status: test.exit})
				synctest.Wait()
				if test.want == restarted {
					if initPid(t, k, id) == was || status(t, k, id) != zone.StatusRunning {
						t.Errorf("init isn't restarted, the zone is %v", status(t, k, id))
					}
					return
				}
				m.notify(host.Exit{Key: key, Last: true})
				synctest.Wait()
				select {
				case asked := <-m.daemon:
					if zone.Command(asked.Cmd) != test.want {
						t.Errorf("the daemon was asked for %v, not %v", zone.Command(asked.Cmd), test.want)
					}
				default:
					t.Errorf("the daemon was not asked for %v", test.want)
				}
			})
		})
	}
}

// TestOlder: a kernel without these attributes refuses them.
func TestOlder(t *testing.T) {
	k, err := kernel.New(kernel.Config{Older: true})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	id, err := k.Global().Create(&zone.Def{Name: "web", Root: "/z/web"})
	if err != nil {
		t.Fatal(err)
	}
	for attr, want := range map[zone.Attr]errno.Errno{zone.AttrInitRestart0: errno.EINVAL, zone.AttrInitReboot: errno.EINVAL, zone.AttrInitNoRestart: 0} {
		if err := k.Global().Setattr(id, attr, nil); zone.ErrnoOf(err) != want {
			t.Errorf("attribute %d: %v", attr, err)
		}
	}
}

// TestInitAttributesLate: they are set before the boot.
func TestInitAttributesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _, id, _ := hosted(t)
		defer k.Close()
		for _, attr := range []zone.Attr{zone.AttrInitRestart0, zone.AttrInitReboot} {
			if err := k.Global().Setattr(id, attr, nil); !errors.Is(err, errno.EINVAL) {
				t.Errorf("attribute %d of a running zone: %v", attr, err)
			}
		}
	})
}
