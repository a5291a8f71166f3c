package scripts

import "testing"

// TestZFSDryRun: a dry run names the file systems of ZFS that a verb would use, and changes
// none.
func TestZFSDryRun(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.configured("db", "/zones/db")
	dry := func(verb string, texts ...string) {
		t.Helper()
		p.has(p.run("zoneadm-go -z "+verb), texts...)
	}
	dry("web install --dry-run", "would create the ZFS file system tank/web\n", "would change the zone to installed\n")
	p.datasets()
	p.state("web", "configured")
	p.run("! test -e $ZONES_ROOT/zones/web && zoneadm-go -z web install")
	dry("db clone --dry-run web", "would take a snapshot of the ZFS file system tank/web and clone it as tank/db\n")
	dry("db clone --dry-run -m copy web", "would create the ZFS file system tank/db\n", "would copy ")
	p.fails("zoneadm-go -z db clone --dry-run -s tank/web@none web", "unable to find path for tank/web@none.")
	dry("web move --dry-run /zones/moved", "would mount the ZFS file system tank/web on ")
	p.datasets("tank/web")
	p.run("zoneadm-go -z db clone web")
	dry("web uninstall --dry-run", "would promote a ZFS clone of tank/web\n", "would destroy the ZFS file system tank/web and 1 of its snapshots\n")
	p.run("zfs create -o mountpoint=none tank/web/more")
	p.fails("zoneadm-go -z web uninstall -F --dry-run", "These datasets are below the zone's dataset tank/web", "tank/web/more")
	p.datasets("tank/db of tank/web@SUNWzone1", "tank/web", "tank/web/more", "tank/web@SUNWzone1")
	p.state("web", "installed")
}
