package scripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// zfsAdapter is a program zfs in front of that of zfs-fuse, which is of 2011. It puts right
// what newer ones do and the library go-zfs and this project count on:
//   - list has -p, and the properties written and logicalused: each property is asked for
//     by get, which has -p, and is "-" if it isn't known;
//   - rename, and a change of the mount point, unmount a mounted file system and mount it
//     again;
//   - what has been unmounted isn't busy: the daemon learns of it from the kernel later, so
//     that the next call is repeated for 10 seconds.
const zfsAdapter = `#!/bin/sh
zfs=/sbin/zfs
tab=$(printf '\t')
value() { $zfs get -Hp -o value "$1" "$2" 2>/dev/null; }
patient() {
	tries=0
	until text=$($zfs "$@" 2>&1); do
		tries=$((tries + 1))
		case $text in
		*"dataset is busy"*) [ $tries -lt 200 ] && sleep 0.05 && continue ;;
		esac
		printf '%s\n' "$text" >&2
		return 1
	done
}
# moved NAME NEWNAME ARGUMENT...: runs zfs with NAME unmounted, and mounts NEWNAME again
moved() {
	old=$1 new=$2
	shift 2
	mounted=$(value mounted "$old")
	if [ "$mounted" = yes ]; then
		$zfs unmount "$old" || return
	fi
	patient "$@"
	status=$?
	if [ "$mounted" = yes ]; then
		if [ $status = 0 ]; then patient mount "$new"; status=$?; else patient mount "$old"; fi
	fi
	return $status
}
run() {
case "$1 $2" in
"list -Hp")
	properties=$4 name=$5 line=
	$zfs list -H -o name "$name" >/dev/null || return
	IFS=,
	for property in $properties; do
		case $property in
		name) value=$name ;;
		*) value=$(value "$property" "$name") ;;
		esac
		line=$line$tab${value:--}
	done
	printf '%s\n' "${line#"$tab"}"
	;;
"rename "*) moved "$2" "$3" "$@" ;;
"set mountpoint="* | "inherit mountpoint") moved "$3" "$3" "$@" ;;
"destroy "* | "promote "*) patient "$@" ;;
*) $zfs "$@" ;;
esac
}
# A test that wants its verb killed says before or behind which call.
step() {
	[ -e "$TOP/kill" ] && [ "$(cat /proc/$PPID/comm)" = zones-zfs ] || return 0
	left=$(($(cat "$TOP/kill") - 1))
	echo $left >"$TOP/kill"
	[ $left != 0 ] || kill -9 $(cut -d ' ' -f 4 /proc/$PPID/stat)
}
step
run "$@"
status=$?
step
exit $status
`

// pool is a home whose zones are in a pool tank of zfs-fuse, which is mounted on their
// directory. The pool is in a file; it and its daemon are only in a mount namespace, where
// the commands run too.
type pool struct {
	*home
	daemon *exec.Cmd
}

func newPool(t *testing.T, size string) *pool {
	t.Helper()
	needZones(t)
	_, err := os.Stat("/dev/fuse")
	testenv.Need(t, testenv.Root, testenv.Given("/dev/fuse", err), zfsFuse())
	top := testenv.MemoryDir(t)
	h := &home{t, top, filepath.Join(top, "m"), filepath.Join(top, "m/run"), nil}
	if err := errors.Join(
		os.CopyFS(h.machine, os.DirFS("../../docs/examples")),
		os.Mkdir(filepath.Join(top, "bin"), 0o755),
		testenv.WriteProgram(filepath.Join(top, "bin/zfs"), []byte(zfsAdapter), 0o755),
	); err != nil {
		t.Fatal(err)
	}
	p := &pool{home: h}
	p.daemon = h.command("unshare", "-m", "--propagation", "private", "sh", "-ec", `
mount -t tmpfs none /run && mkdir /run/lock
mount -t tmpfs none /var/lib/zfs
exec /sbin/zfs-fuse --no-daemon --no-kstat-mount`)
	log := new(strings.Builder)
	p.daemon.Stdout, p.daemon.Stderr = log, log
	if err := p.daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.stop()
		p.try("/sbin/zpool destroy -f tank")
		if err := p.daemon.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		p.daemon.Wait() // it has no status of its own for the signal
		if t.Failed() {
			t.Logf("zfs-fuse: %s", log)
		}
	})
	// It reports nothing when it is ready.
	socket := fmt.Sprintf("/proc/%d/root/run/zfs/zfs_socket", p.daemon.Process.Pid)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("zfs-fuse has no socket after 30 seconds: %s", log)
		}
	}
	p.run("truncate -s " + size + " pool; /sbin/zpool create -O mountpoint=$ZONES_ROOT/zones tank $TOP/pool")
	return p
}

// zfsFuse is Debian's package. Later releases than those named may not have it, and it can't
// be beside another ZFS.
func zfsFuse() testenv.Requirement {
	const program = "/sbin/zfs-fuse"
	_, missing := os.Stat(program)
	_, other := os.Stat("/sbin/zfs")
	release, _ := os.ReadFile("/etc/os-release")
	switch {
	case missing != nil && other == nil:
		return testenv.Given("zfs-fuse", errors.New("another ZFS is installed"))
	case missing != nil && !strings.Contains(string(release), "bookworm") && !strings.Contains(string(release), "bullseye"):
		return testenv.Given("zfs-fuse", missing)
	}
	return testenv.Tool(program, "zfs-fuse")
}

// try runs a shell command in the pool's namespace and returns what it prints.
func (p *pool) try(script string) (string, error) {
	p.Helper()
	command := p.command("nsenter", "-m", "-t", fmt.Sprint(p.daemon.Process.Pid), "--wd="+p.top, "sh", "-c", script)
	command.Env = append(command.Env, "PATH="+p.top+"/bin:"+bin+":"+os.Getenv("PATH")+":/sbin")
	out, err := command.CombinedOutput()
	return string(out), err
}

func (p *pool) run(script string) string {
	p.Helper()
	out, err := p.try(script)
	if err != nil {
		p.Fatalf("%s: %v: %s", script, err, out)
	}
	return out
}

// fails runs a shell command that must fail and print the texts.
func (p *pool) fails(script string, texts ...string) {
	p.Helper()
	out, err := p.try(script)
	if err == nil {
		p.Errorf("%s: it doesn't fail", script)
	}
	p.has(out, texts...)
}

func (p *pool) has(out string, texts ...string) {
	p.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			p.Errorf("%q is not in %q", text, out)
		}
	}
}

// datasets checks the datasets of the pool, in alphabetical order, with the fields that
// zfs list has for them: the name, and for a clone its origin.
func (p *pool) datasets(want ...string) {
	p.Helper()
	out := p.run("zfs list -H -r -t all -o name,origin tank | sort")
	var got []string
	for line := range strings.Lines(out) {
		name, origin, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if origin != "-" {
			name += " of " + origin
		}
		got = append(got, name)
	}
	if fmt.Sprint(got) != fmt.Sprint(append([]string{"tank"}, want...)) {
		p.Errorf("the datasets are %q, want tank and %q", got, want)
	}
}

func (p *pool) state(zone, want string) {
	p.Helper()
	if out := p.run("zoneadm-go -z " + zone + " list -p"); !strings.Contains(out, ":"+want+":") {
		p.Errorf("%s is not %s: %s", zone, want, out)
	}
}

// configured adds a zone like web.
func (p *pool) configured(zone, zonepath string) {
	p.Helper()
	p.run(fmt.Sprintf("zonecfg-go -z %s 'create -t web; set zonepath=\"%s\"'", zone, zonepath))
}

// TestZFSInstall: where the parent is a ZFS file system the zonepath is one.
func TestZFSInstall(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	out := p.run("zoneadm-go -z web install")
	p.has(out, "A ZFS file system has been created for this zone.")
	p.datasets("tank/web")
	if got := p.run("zfs get -H -o value,source sharenfs,sharesmb tank/web; stat -c %a $ZONES_ROOT/zones/web; ls $ZONES_ROOT/zones/web"); got != "off\tlocal\noff\tlocal\n700\nroot\n" {
		t.Errorf("the file system is %q", got)
	}
	p.run("zfs snapshot tank/web@one; zfs snapshot tank/web@two; zfs snapshot tank@else")
	out = p.run("zoneadm-go -z web uninstall -F")
	p.has(out, "The ZFS file system for this zone has been destroyed.")
	p.datasets("tank@else")
	p.state("web", "configured")
	p.run("! test -e $ZONES_ROOT/zones/web")

	p.run("zoneadm-go -z web install -x nodataset && test -d $ZONES_ROOT/zones/web/root")
	p.datasets("tank@else")
	p.run("zoneadm-go -z web uninstall -F && ! test -e $ZONES_ROOT/zones/web")

	// A failed installation leaves nothing.
	p.run("zonecfg-go -z bad 'create -t web; set brand=tar; set zonepath=/zones/bad' && echo no archive >archive")
	p.fails("zoneadm-go -z bad install -a archive", "archive", "The ZFS file system for this zone has been destroyed.")
	p.datasets("tank@else")
	p.state("bad", "configured")
	p.run("! test -e $ZONES_ROOT/zones/bad")
}

// TestZFSOther: what the user has put into the zonepath stays, as in a directory.
func TestZFSOther(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.configured("a", "/zones/a")
	p.run("zoneadm-go -z web install && zoneadm-go -z a clone web && echo mine >$ZONES_ROOT/zones/web/notes")
	p.has(p.run("zoneadm-go -z web uninstall -F"), "contains additional user data")
	p.datasets("tank/a of tank/web@SUNWzone1", "tank/web", "tank/web@SUNWzone1")
	p.run("test $(cat $ZONES_ROOT/zones/web/notes) = mine && ! test -e $ZONES_ROOT/zones/web/root")
}

// TestZFSClone: a zone is cloned by a snapshot of its file system and a clone of that.
func TestZFSClone(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	for _, zone := range []string{"a", "b", "c", "d"} {
		p.configured(zone, "/zones/"+zone)
	}
	p.run("zoneadm-go -z web install && echo here >$ZONES_ROOT/zones/web/root/etc/mark")
	p.has(p.run("zoneadm-go -z a clone web"), "Cloning snapshot tank/web@SUNWzone1\n", "Instead of copying, a ZFS clone has been created for this zone.\n")
	p.run("zoneadm-go -z b clone web && zfs snapshot tank/b@mine && zoneadm-go -z c clone -s tank/b@mine web")
	p.has(p.run("zoneadm-go -z d clone -m copy web"), "A ZFS file system has been created for this zone.\n", "Copying ")
	p.datasets("tank/a of tank/web@SUNWzone1", "tank/b of tank/web@SUNWzone2", "tank/b@mine", "tank/c of tank/b@mine", "tank/d",
		"tank/web", "tank/web@SUNWzone1", "tank/web@SUNWzone2")
	for _, zone := range []string{"a", "b", "c", "d"} {
		p.state(zone, "installed")
		if got := p.run("cd $ZONES_ROOT/zones/" + zone + "; stat -c %a .; cat root/etc/mark; zfs get -H -o value sharenfs tank/" + zone); got != "700\nhere\noff\n" {
			t.Errorf("%s has %q", zone, got)
		}
	}
	// A clone takes with it the snapshot that was taken for it, but no other.
	p.run("zoneadm-go -z a uninstall -F && zoneadm-go -z c uninstall -F")
	p.datasets("tank/b of tank/web@SUNWzone2", "tank/b@mine", "tank/d", "tank/web", "tank/web@SUNWzone2")
	// The source of clones can be uninstalled: a clone takes over what they share.
	p.run("zoneadm-go -z a clone web && zoneadm-go -z c clone b")
	p.datasets("tank/a of tank/web@SUNWzone3", "tank/b of tank/web@SUNWzone2", "tank/b@SUNWzone1", "tank/b@mine", "tank/c of tank/b@SUNWzone1", "tank/d",
		"tank/web", "tank/web@SUNWzone2", "tank/web@SUNWzone3")
	p.run("zoneadm-go -z web uninstall -F")
	p.datasets("tank/a", "tank/a@SUNWzone2", "tank/b of tank/a@SUNWzone2", "tank/b@SUNWzone1", "tank/b@mine", "tank/c of tank/b@SUNWzone1", "tank/d")
	p.run("for zone in a b c d; do test $(cat $ZONES_ROOT/zones/$zone/root/etc/mark) = here; done")
	p.run("zoneadm-go -z b uninstall -F; zoneadm-go -z a uninstall -F; zoneadm-go -z c uninstall -F; zoneadm-go -z d uninstall -F")
	p.datasets()
}

// TestZFSCloneRefused: a snapshot that can't be cloned leaves the zone configured.
func TestZFSCloneRefused(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.configured("a", "/zones/a")
	p.run("zoneadm-go -z web install")
	for _, snapshot := range []string{"tank/web@none", "tank/none@none", "tank/web", "none", "@", "tank/web@", "-x", "tank/web@a b"} {
		p.fails("zoneadm-go -z a clone -s '"+snapshot+"' web", "unable to find path for "+snapshot+".")
		p.state("a", "configured")
	}
	p.datasets("tank/web")
	// Clones of the same zone at once each have their snapshot.
	for _, zone := range []string{"b", "c", "d"} {
		p.configured(zone, "/zones/"+zone)
	}
	p.run(`for zone in a b c d; do zoneadm-go -z $zone clone web & pids="$pids $!"; done; for pid in $pids; do wait $pid || exit; done`)
	for _, zone := range []string{"a", "b", "c", "d"} {
		p.has(p.run("zfs get -H -o value origin tank/"+zone), "tank/web@SUNWzone")
	}
}

// TestZFSPromote: the source of clones stays if none of them can take its snapshots over.
func TestZFSPromote(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.configured("a", "/zones/a")
	p.run(`zoneadm-go -z web install && zfs snapshot tank/web@daily && zoneadm-go -z a clone web
zfs snapshot tank/a@SUNWzone1 && zfs snapshot tank/a@daily`)
	p.fails("zoneadm-go -z web uninstall -F", "These ZFS clones depend on the zone's dataset tank/web", "tank/a")
	p.state("web", "installed")
	p.run("test -d $ZONES_ROOT/zones/web/root/etc && zfs destroy tank/a@daily && zoneadm-go -z web uninstall -F")
	p.datasets("tank/a", "tank/a@SUNWzone1", "tank/a@daily")
}

// TestZFSMove: the file system of a zone moves without a copy: by its name below the same
// pool's directories, by its mount point elsewhere.
func TestZFSMove(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.run("zoneadm-go -z web install && echo here >$ZONES_ROOT/zones/web/root/etc/mark && zfs snapshot tank/web@s && zfs create tank/sub")
	check := func(zonepath string, datasets ...string) {
		t.Helper()
		p.has(p.run("zoneadm-go -z web list -p; cat $ZONES_ROOT"+zonepath+"/root/etc/mark; stat -c %a $ZONES_ROOT"+zonepath), ":installed:"+p.machine+zonepath+":", "here\n700\n")
		p.run("zoneadm-go -z web verify")
		p.datasets(datasets...)
	}
	p.run("zoneadm-go -z web move /zones/new && ! test -e $ZONES_ROOT/zones/web")
	check("/zones/new", "tank/new", "tank/new@s", "tank/sub")
	p.run("zoneadm-go -z web move /zones/sub/web")
	check("/zones/sub/web", "tank/sub", "tank/sub/web", "tank/sub/web@s")
	p.run("zoneadm-go -z web move /elsewhere/web && ! test -e $ZONES_ROOT/zones/sub/web")
	check("/elsewhere/web", "tank/sub", "tank/sub/web", "tank/sub/web@s")
	p.run("zoneadm-go -z web move /zones/web")
	check("/zones/web", "tank/sub", "tank/sub/web", "tank/sub/web@s")
	// In use, it stays where it is.
	p.fails("cd $ZONES_ROOT/zones/web && zoneadm-go -z web move /zones/busy", "cannot unmount")
	check("/zones/web", "tank/sub", "tank/sub/web", "tank/sub/web@s")
	p.run("! test -e $ZONES_ROOT/zones/busy")
	// With a name that is taken, or that ZFS doesn't have.
	p.run(`zfs create -o mountpoint=none tank/taken && zoneadm-go -z web uninstall -F && zoneadm-go -z web install
echo here >$ZONES_ROOT/zones/web/root/etc/mark && zoneadm-go -z web move /zones/taken`)
	check("/zones/taken", "tank/sub", "tank/taken", "tank/web")
	p.run("zoneadm-go -z web move /zones/web+1")
	check("/zones/web+1", "tank/sub", "tank/taken", "tank/web")
	// A directory moves onto ZFS by a copy, into a file system of its own.
	p.configured("plain", "/plain")
	p.run("zoneadm-go -z plain install && zoneadm-go -z plain move /zones/plain && ! test -e $ZONES_ROOT/plain")
	p.datasets("tank/plain", "tank/sub", "tank/taken", "tank/web")
	p.state("plain", "installed")
}

// TestZFSBusy: a file system that is in use loses its files, as a directory would, and stays.
func TestZFSBusy(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.run("zoneadm-go -z web install && zfs snapshot tank/web@s")
	p.has(p.run("cd $ZONES_ROOT/zones/web && zoneadm-go -z web uninstall -F"), "WARNING: ZFS dataset tank/web stays, empty: ", "cannot unmount")
	p.state("web", "configured")
	p.datasets("tank/web", "tank/web@s")
	p.run("test -z \"$(ls $ZONES_ROOT/zones/web)\" && zoneadm-go -z web install && zoneadm-go -z web uninstall -F")
	p.datasets()
}

// TestZFSNotMounted: a verb doesn't take the directory for the zone's file system.
func TestZFSNotMounted(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.configured("a", "/zones/a")
	p.run("zoneadm-go -z web install && zfs unmount tank/web && mkdir -p -m 700 $ZONES_ROOT/zones/web")
	const text = "ZFS dataset tank/web isn't mounted on "
	for _, verb := range []string{"verify", "uninstall -F", "move /zones/b", "detach", "boot"} {
		p.fails("zoneadm-go -z web "+verb, text)
		p.state("web", "installed")
	}
	p.fails("zoneadm-go -z a clone web", text)
	p.state("a", "configured")
	p.run("zfs mount tank/web && zoneadm-go -z web detach && zfs unmount tank/web && mkdir -p -m 700 $ZONES_ROOT/zones/web")
	p.fails("zoneadm-go -z web attach", text)
	p.fails("zoneadm-go -z web install", text)
	p.run("zfs mount tank/web && zoneadm-go -z web attach && zoneadm-go -z web uninstall -F")
	p.datasets()
}

// TestZFSChildren: datasets below the zone's own aren't destroyed with it.
func TestZFSChildren(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.run("zoneadm-go -z web install && zfs create -o mountpoint=none tank/web/data && zfs create tank/web/data/more && zfs snapshot tank/web@s")
	p.fails("zoneadm-go -z web uninstall -F", "These datasets are below the zone's dataset tank/web", "  tank/web/data\n", "  tank/web/data/more\n")
	p.state("web", "installed")
	p.datasets("tank/web", "tank/web/data", "tank/web/data/more", "tank/web@s")
	p.run("test -d $ZONES_ROOT/zones/web/root/etc")
}

// TestZFSFull: a full pool leaves no half of a zone that can't be removed.
func TestZFSFull(t *testing.T) {
	t.Parallel()
	p := newPool(t, "64M")
	p.configured("a", "/zones/a")
	p.run(`zoneadm-go -z web install && dd if=/dev/urandom of=$ZONES_ROOT/zones/web/root/big bs=1M count=4
zfs create tank/fill; ! dd if=/dev/zero of=$ZONES_ROOT/zones/fill/fill bs=64k; truncate -s -2M $ZONES_ROOT/zones/fill/fill; sync $ZONES_ROOT/zones/fill/fill`)
	p.fails("zoneadm-go -z a clone -m copy web", "A ZFS file system has been created for this zone.", "The copy failed: ", "no space left on device")
	p.datasets("tank/a", "tank/fill", "tank/web")
	p.state("a", "incomplete")
	p.run("zoneadm-go -z a uninstall -F; ! dd if=/dev/zero of=$ZONES_ROOT/zones/fill/more bs=512; ! dd if=/dev/zero of=$ZONES_ROOT/zones/fill/yet bs=512")
	p.state("a", "configured")
	p.fails("zoneadm-go -z a install", "No space left on device")
	p.state("a", "configured")
	p.run("zoneadm-go -z web uninstall -F")
	p.datasets("tank/fill")
}

// TestZFSNames: names that ZFS takes are datasets, and the others directories.
func TestZFSNames(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	for i, test := range []struct {
		name string
		zfs  bool
	}{{"we b", true}, {"-x", true}, {"a:b-_.c", true}, {"a,b", false}, {"a@b", false}, {"a%b", false}, {"a#b", false}, {"wéb", false}, {"a=b", false}} {
		zone := fmt.Sprintf("z%d", i)
		out, err := p.try(fmt.Sprintf(`zonecfg-go -z %s 'create -t web; set zonepath="/zones/%s"'`, zone, test.name))
		if err != nil {
			t.Logf("a zonepath can't have %q: %s", test.name, out)
			continue
		}
		out = p.run("zoneadm-go -z " + zone + " install")
		p.has(out, map[bool]string{true: "A ZFS file system has been created for this zone.", false: "cannot create ZFS dataset tank/" + test.name + ": "}[test.zfs])
		if _, err := p.try("zfs list 'tank/" + test.name + "'"); (err == nil) != test.zfs {
			t.Errorf("%s: %v", test.name, err)
		}
		p.run("zoneadm-go -z " + zone + " move '/zones/" + test.name + "+' && zoneadm-go -z " + zone + " move '/zones/" + test.name + "'")
		p.run("zoneadm-go -z " + zone + " uninstall -F && ! test -e \"$ZONES_ROOT/zones/" + test.name + "\"")
		p.datasets()
	}
}

// TestZFSDelegated: a dataset of the zone isn't mounted on the machine when the zone boots.
func TestZFSDelegated(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.run("zfs create -o mountpoint=$TOP/data tank/data && zfs create tank/data/below")
	p.run("zonecfg-go -z web 'add dataset; set name=tank/data; end' && zoneadm-go -z web install && zoneadm-go -z web boot")
	if got := p.run("zfs get -H -o name,value zoned,mounted tank/data tank/data/below"); got != "tank/data\ton\ntank/data\tno\ntank/data/below\ton\ntank/data/below\tno\n" {
		t.Errorf("%q", got)
	}
	p.run("zoneadm-go -z web halt && zoneadm-go -z web uninstall -F")
	p.datasets("tank/data", "tank/data/below")
	p.run("zonecfg-go -z web 'remove dataset name=tank/data; add dataset; set name=tank/none; end'")
	p.fails("zoneadm-go -z web install", "could not verify zfs dataset tank/none: dataset does not exist")
	p.run("zonecfg-go -z web 'remove dataset name=tank/none; add dataset; set name=tank/data/below; end'")
	p.fails("zoneadm-go -z web install", "could not verify zfs dataset tank/data/below: mountpoint cannot be inherited")
	p.datasets("tank/data", "tank/data/below")
}

// TestZFSMoveUndone: a move whose configuration can't be saved leaves the zone where it was.
func TestZFSMoveUndone(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.run("zoneadm-go -z web install && mount --bind $ZONES_ROOT/etc/zones $ZONES_ROOT/etc/zones && mount -o remount,bind,ro $ZONES_ROOT/etc/zones")
	for _, to := range []string{"/zones/new", "/elsewhere"} {
		p.fails("zoneadm-go -z web move "+to, "ead-only file system")
		p.run("zoneadm-go -z web verify && test -d $ZONES_ROOT/zones/web/root/etc && ! test -e $ZONES_ROOT" + to)
		p.datasets("tank/web")
		p.has(p.run("zfs get -H -o source mountpoint tank/web"), "inherited from tank")
	}
	p.run("umount $ZONES_ROOT/etc/zones && zoneadm-go -z web move /zones/new")
	p.datasets("tank/new")
}

// killStride is odd, so that verbs are killed before one call of zfs and behind another in
// turns; 1 kills them at each, which takes three times as long.
const killStride = 3

// TestZFSKilled: a verb that is killed before or behind calls of zfs leaves a zone that can be
// uninstalled, and nothing else behind.
func TestZFSKilled(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.configured("a", "/zones/a")
	for _, test := range []struct{ verb, before, after string }{
		{"-z a install", "", ""},
		{"-z a clone web", "", "for s in $(zfs list -H -t snapshot -o name); do zfs destroy $s; done"}, // the source keeps its snapshots
		{"-z a uninstall -F", "zoneadm-go -z a install && zfs snapshot tank/a@s", ""},
	} {
		p.run("zoneadm-go -z web install")
		killed := 0
		for step := 1; ; step += killStride {
			p.run(test.before)
			out, err := p.try(fmt.Sprintf("echo %d >kill; zoneadm-go %s", step, test.verb))
			p.idle()
			p.run("rm kill")
			if err != nil {
				killed++
			}
			if state := p.run("zoneadm-go -z a list -p"); !strings.Contains(state, ":configured:") {
				p.run("zoneadm-go -z a uninstall -F")
			}
			p.run(test.after + "\n! test -e $ZONES_ROOT/zones/a || rmdir $ZONES_ROOT/zones/a") // its verification makes the directory
			p.datasets("tank/web")
			if t.Failed() {
				t.Fatalf("%s, killed at step %d: %v: %s", test.verb, step, err, out)
			}
			if err == nil {
				break
			}
		}
		if killed < 2 {
			t.Errorf("%s was killed %d times", test.verb, killed)
		}
		p.run("zoneadm-go -z web uninstall -F")
	}
}

// TestZFSMoveKilled: a move that is killed is finished by another one.
func TestZFSMoveKilled(t *testing.T) {
	t.Parallel()
	p := newPool(t, "128M")
	p.run("zoneadm-go -z web install && echo here >$ZONES_ROOT/zones/web/root/etc/mark")
	killed := 0
	for _, paths := range [][2]string{{"/zones/web", "/zones/new"}, {"/zones/web", "/else"}} {
		for step := 1; ; step += killStride {
			_, err := p.try(fmt.Sprintf("echo %d >kill; zoneadm-go -z web move %s", step, paths[1]))
			p.idle()
			p.run("rm kill")
			if err != nil {
				killed++
				p.run("zoneadm-go -z web move " + paths[1])
			}
			p.run(fmt.Sprintf("zfs list -H -o name,mountpoint,mounted; zoneadm-go -z web list -p; zoneadm-go -z web verify && test $(cat $ZONES_ROOT%s/root/etc/mark) = here && ! test -e $ZONES_ROOT%s", paths[1], paths[0]))
			p.run("zoneadm-go -z web move " + paths[0])
			if err == nil {
				break
			}
		}
	}
	if killed < 4 {
		t.Errorf("it was killed %d times", killed)
	}
}

// idle waits for the calls of zfs whose verb has been killed.
func (p *pool) idle() {
	p.Helper()
	of := func(line string) bool {
		return strings.Contains(line, "zones-zfs") || strings.Contains(line, "/bin/zfs")
	}
	for deadline := time.Now().Add(30 * time.Second); slices.ContainsFunc(processes(p.machine), of); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.Fatal("zfs still runs after 30 seconds")
		}
	}
}
