package scripts

import (
	"errors"
	"os"
	"strings"
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

// TestCloneShares: on a file system with reflinks a clone shares the blocks of its source,
// until one of them changes.
func TestCloneShares(t *testing.T) {
	t.Parallel()
	needZones(t)
	_, err := os.Stat("/dev/loop-control")
	testenv.Need(t, testenv.Root, testenv.Given("loop devices", err))
	for kind, tool := range map[string]testenv.Requirement{"xfs": testenv.Tool("mkfs.xfs", "xfsprogs"), "btrfs": testenv.Tool("mkfs.btrfs", "btrfs-progs")} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			testenv.Need(t, tool, testenv.Given(kind, mountable(kind)))
			h := newHome(t, nil)
			out, err := h.command("unshare", "-m", "--propagation", "private", "sh", "-exc", `
truncate -s 400M disk
mkfs.`+kind+` -q disk
mkdir "$ZONES_ROOT/shared"
mount -o loop disk "$ZONES_ROOT/shared"
zoneadm-go -z web move /shared/web
zonecfg-go -z db 'create -t web; set zonepath=/shared/db'
cd "$ZONES_ROOT/shared"
dd if=/dev/urandom of=web/root/big bs=1M count=250 status=none
sync
zoneadm-go -z db clone web
cmp web/root/big db/root/big
test $(stat -f -c %f . ) -gt $(($(stat -f -c %b .) / 8))
echo changed >>db/root/big
if cmp -s web/root/big db/root/big; then exit 9; fi
zoneadm-go -z web uninstall -F
zoneadm-go -z db uninstall -F
`).CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// mountable returns nil if the kernel has a file system.
func mountable(kind string) error {
	text, err := os.ReadFile("/proc/filesystems")
	if err == nil && !strings.Contains(string(text), "\t"+kind+"\n") {
		err = errors.New("the kernel doesn't have it")
	}
	return err
}
