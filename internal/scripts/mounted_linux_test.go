package scripts

import (
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestMountedZonepath: a zonepath on which somebody has mounted a file system is emptied, not
// removed, and its zone can be moved.
func TestMountedZonepath(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root)
	h := newHome(t, nil) // has installed the zone, in a directory
	out, err := h.command("unshare", "-m", "--propagation", "private", "sh", "-exc", `
cd "$ZONES_ROOT/zones"
zoneadm-go -z web uninstall -F
mkdir -p -m 700 web other
mount -t tmpfs -o mode=700 none web
mount -t tmpfs -o mode=700 none other
zoneadm-go -z web install
test -d web/root/etc
zoneadm-go -z web move /zones/moved
test -d moved/root/etc && test -z "$(ls -A web)"
zoneadm-go -z web move /zones/other
test -d other/root/etc && ! test -e moved
zoneadm-go -z web uninstall -F
test -z "$(ls -A other)"
zoneadm-go -z web install
mkdir other/root/below
mount -t tmpfs none other/root/below
touch other/root/below/file
if zoneadm-go -z web uninstall -F; then exit 9; fi
if zoneadm-go -z web move /zones/moved; then exit 9; fi
test -e other/root/below/file && test -d other/root/etc
umount other/root/below
zoneadm-go -z web uninstall -F
`).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
