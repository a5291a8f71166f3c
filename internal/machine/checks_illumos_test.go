package machine

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/contract"
	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/utmpx"
	"github.com/gozones/zones/sys/zone"
)

// noSignal is a signal of no system.
type noSignal struct{}

func (noSignal) String() string { return "none" }
func (noSignal) Signal()        {}

// TestSignal signals a program, which is waited for once and whose contract isn't kept.
func TestSignal(t *testing.T) {
	needContracts(t)
	p, err := new(kernel).Start(noZone, &zone.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", "sleep 60"}, Env: []string{"PATH=/usr/bin:/bin"}, UID: uint32(os.Getuid()), GID: uint32(os.Getgid()),
	})
	if err != nil {
		t.Fatal(err)
	}
	id := p.(*process).contract
	if s, err := contract.StatusOf(id, contract.Common); err != nil || s.State != contract.Owned {
		t.Errorf("its contract: %+v, %v", s, err)
	}
	if err := p.Signal(noSignal{}); !errors.Is(err, errno.EINVAL) {
		t.Errorf("no signal: %v", err)
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	if status, err := p.Wait(); err != nil || status.Signal != int(syscall.SIGKILL) {
		t.Errorf("it ended with %+v, %v", status, err)
	}
	if s, err := contract.StatusOf(id, contract.Common); err == nil && s.State == contract.Owned {
		t.Errorf("its contract is kept: %+v", s)
	}
	if status, err := p.Wait(); err == nil {
		t.Errorf("it ended again, with %+v", status)
	}
	if _, err := new(kernel).Start(noZone, &zone.Cmd{Path: "sh"}); !errors.Is(err, errno.EINVAL) || !strings.Contains(err.Error(), "absolute") {
		t.Errorf("a relative path: %v", err)
	}
}

// TestLogin: a login has an entry of utmpx, and continues without one.
func TestLogin(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Embedded)
	faults.Need(t)
	needContracts(t)
	begin := func(login bool) (line string, entry bool) {
		p, err := new(kernel).Start(zone.GlobalID, &zone.Cmd{
			Path: "/bin/sh", Args: []string{"sh", "-c", "echo here; read end"}, Env: []string{"PATH=/usr/bin:/bin"}, Pty: true, Login: login,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Wait()
		defer p.Pty().Close()
		if line, err = bufio.NewReader(p.Pty()).ReadString('\n'); err != nil {
			t.Error(err)
		}
		all, err := utmpx.List()
		if err != nil {
			t.Error(err)
		}
		for _, e := range all {
			entry = entry || e.User == ".zlogin" && int(e.Pid) == p.Pid()
		}
		p.Pty().WriteString("\r")
		return strings.TrimSpace(line), entry
	}
	if line, entry := begin(true); line != "here" || !entry {
		t.Errorf("a login: %q, %v", line, entry)
	}
	if line, entry := begin(false); line != "here" || entry {
		t.Errorf("no login: %q, %v", line, entry)
	}
	variable, failed := faults.Fault{Of: []string{"makeutx"}}.Child(t)
	key, value, _ := strings.Cut(variable, "=")
	t.Setenv(key, value)
	if line, entry := begin(true); !strings.HasPrefix(line, "makeutx failed: ") || entry || failed() != "makeutx" {
		t.Errorf("a login without an entry: %q, %v", line, entry)
	}
}

// TestMountProgram: other types are mounted by a program of their own.
func TestMountProgram(t *testing.T) {
	defer func(dir string) { mountPrograms = dir }(mountPrograms)
	mountPrograms = t.TempDir() + "/"
	if err := os.Mkdir(mountPrograms+"told", 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho \"$*\" >" + mountPrograms + "args\n[ $1 != bad ] || { echo no medium; exit 1; }\n"
	if err := testenv.WriteProgram(mountPrograms+"told/mount", []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, fstype, special, options, args, fails string }{
		{"plain", "told", "disk", "", "disk /point", ""},
		{"options", "told", "disk", "ro,x", "-o ro,x disk /point", ""},
		{"fails", "told", "bad", "", "bad /point", "no medium"},
		{"no type", "", "disk", "", "", "file system type \"\": Invalid argument"},
		{"a path", "told/../told", "disk", "", "", "file system type \"told/../told\": Invalid argument"},
		{"unknown", "none", "disk", "", "", "file system type none: Invalid argument"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := mountProgram(zone.Mount{FSType: c.fstype, Special: c.special, Options: c.options}, "/point")
			args, _ := os.ReadFile(mountPrograms + "args")
			os.Remove(mountPrograms + "args")
			if strings.TrimSpace(string(args)) != c.args || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%q, %v", args, err)
			}
		})
	}
}

// TestPoints: what is made where nothing can be mounted on yet.
func TestPoints(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		m    zone.Mount
		want pointKind
	}{
		{"it is there", zone.Mount{FSType: "lofs", Special: file}, looking},
		{"a file", zone.Mount{FSType: "lofs", Special: file, MakePoint: true}, makingFile},
		{"a directory", zone.Mount{FSType: "lofs", Special: dir, MakePoint: true}, makingDir},
		{"nothing", zone.Mount{FSType: "lofs", Special: dir + "/none", MakePoint: true}, makingDir},
		{"another type", zone.Mount{FSType: "ufs", Special: file, MakePoint: true}, makingDir},
	} {
		if got := pointOf(c.m); got != c.want {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
	if err := ended(zone.ExitStatus{}, nil); err != nil {
		t.Error(err)
	}
	if ended(zone.ExitStatus{Code: 1}, nil) == nil || ended(zone.ExitStatus{Signal: 9}, nil) == nil || ended(zone.ExitStatus{}, errno.ESRCH) != errno.ESRCH {
		t.Error("a process that failed has mounted")
	}
	for _, cause := range []error{nil, errors.New("x"), errno.EBUSY} {
		err := failedMount("mount", 1, "/x", cause)
		var known *zone.Error
		if (err == nil) != (cause == nil) || err != nil && (!errors.As(err, &known) || (known.Errno == errno.EBUSY) != errors.Is(cause, errno.EBUSY)) {
			t.Errorf("%v is %v", cause, err)
		}
	}
}

// TestWithout: what a machine lacks is said.
func TestWithout(t *testing.T) {
	none := &kernel{links: datalink.Client{Door: t.TempDir() + "/none"}, err: errno.ENOTSUP}
	if _, err := none.Kstats(); err != none.err {
		t.Errorf("without statistics: %v", err)
	}
	if err := none.linkDaemon(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without dlmgmtd: %v", err)
	}
	odd := &kernel{links: datalink.Client{Door: t.TempDir() + "/file"}}
	if err := os.WriteFile(odd.links.Door, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := odd.linkDaemon(); err == nil {
		t.Error("a file is dlmgmtd")
	}
	var known *zone.Error
	if err := none.SetAddress(1, strings.Repeat("l", 40), "192.0.2.1/24", true); !errors.As(err, &known) || known.Errno != errno.EINVAL {
		t.Errorf("an address of an interface that can't be: %v", err)
	}
}

// TestLinkFaults: each call that fails about the links of a zone is an error.
func TestLinkFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	k := new(kernel)
	id := newZone(t, k, "linkfaults", zone.CreateNetExcl)
	administer(t, k, "--")
	if err := k.linkDaemon(); err != nil {
		t.Errorf("with dlmgmtd: %v", err)
	}
	if err := k.AddDatalink(id, netLink+1); err != nil {
		t.Fatal(err)
	}
	linkFlags.Store(uint32(datalink.Transient))
	linkClass.Store(datalink.VNIC)
	defer linkFlags.Store(0)
	defer linkClass.Store(0)
	calls := faults.Fault{Of: []string{"syscall", "door_call", "forkx"}}
	for name, do := range map[string]func() error{
		"give":      func() error { return k.GiveLink(id, "net0") },
		"protect":   func() error { return k.ProtectLink("net0", []string{"192.0.2.1"}) },
		"unprotect": func() error { return k.Unprotect(id) },
		"remove":    func() error { return k.RemoveNetwork(id) },
		"pool":      func() error { return k.PoolLinks(id, "") },
		"unpool":    func() error { return k.UnpoolLinks(id, "pool_default") },
	} {
		t.Run(name, func(t *testing.T) { calls.Noticed(t, do, "forkx") })
	}
	if failed, err := (faults.Fault{Of: []string{"door_call"}}).Do(t, func() error { return k.GiveLink(id, "net0") }); failed == "" || zone.ErrnoOf(err) != faults.Usual {
		t.Errorf("%s failed: %v", failed, err)
	}
}

// TestPoolFaults: a pool isn't bound when a step before fails; that there is none isn't a failure.
func TestPoolFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	k := new(kernel)
	id := newZone(t, k, "poolfaults", 0)
	defer func(a, b, c string) { pooladm, poolcfg, poolbind = a, b, c }(pooladm, poolcfg, poolbind)
	program := t.TempDir() + "/pool"
	if err := testenv.WriteProgram(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	pooladm, poolcfg, poolbind = program, program, program
	steps := []string{"pooladm", "info pool", "destroy", "info pset", "destroy", "create", "create", "associate", "bind"}
	for i, step := range steps {
		failed, err := faults.Fault{Of: []string{"forkx"}, Call: i + 1}.Do(t, func() error { return k.BindOwnPool(id, zone.Processors{Min: 1, Max: 1}) })
		if failed == "" || (err == nil) != strings.HasPrefix(step, "info") {
			t.Errorf("%s failed (%s): %v", step, failed, err)
		}
	}
}

// TestConsoleFaults: a console that can't be made isn't opened.
func TestConsoleFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded, testenv.Root)
	faults.Need(t)
	k, name := new(kernel), fmt.Sprintf("consolefaults%d", os.Getpid())
	defer k.RemoveConsole(name)
	if failed, err := (faults.Fault{Of: []string{"readlink"}}).Do(t, func() error { _, _, err := k.OpenConsole(name); return err }); failed == "" || !is(err) {
		t.Errorf("%s failed: %v", failed, err)
	}
	manager, _, err := k.OpenConsole(name)
	if err != nil {
		t.Fatal(err)
	}
	manager.Close()
}

// TestWatchZone: who follows the zones of one name hears of no other.
func TestWatchZone(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	k := new(kernel)
	name := fmt.Sprintf("watched%d", os.Getpid())
	events, err := k.WatchZone(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"unwatched", "watched"} {
		newZone(t, k, prefix, 0)
	}
	if e := <-events; e.Name != name {
		t.Errorf("%+v", e)
	}
}

// TestNoEntrance: a program that is called as the child is, but with arguments, isn't one.
func TestNoEntrance(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if said, err := (&exec.Cmd{Path: self, Args: []string{entrance, "-test.run=^$"}}).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// TestMountsInside: a mount in the zone whose point leads elsewhere, or whose process isn't
// heard of again, is an error.
func TestMountsInside(t *testing.T) {
	testenv.Need(t, testenv.Embedded, testenv.Root)
	faults.Need(t)
	needContracts(t)
	k, root := new(kernel), t.TempDir()
	id, err := k.Create(&zone.Def{Name: fmt.Sprintf("inside%d", os.Getpid()), Root: root, Privs: priv.Basic().With("sys_mount")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
			t.Error(err)
		}
	}()
	if err := os.Symlink("real", root+"/link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(root+"/real", 0o755); err != nil {
		t.Fatal(err)
	}
	swap := func(point string) func() error {
		return func() error {
			_, err := k.MountAll(id, []zone.Mount{{Special: "swap", Point: point, FSType: "tmpfs", Inside: true}})
			return err
		}
	}
	if err := swap("/link")(); err == nil {
		t.Errorf("a link: %v, %v", err, k.Unmount(id, "/link", false))
	}
	if failed, err := (faults.Fault{Of: []string{"wait4"}}).Do(t, swap("/real")); failed == "" || err == nil {
		t.Errorf("%s failed: %v", failed, err)
	}
	// It was mounted all the same.
	if err := k.Unmount(id, "/real", false); err != nil {
		t.Error(err)
	}
}

func TestUnchanged(t *testing.T) {
	one, two := seen{1, "one", zone.StatusReady}, seen{2, "two", zone.StatusReady}
	booted, again := one, two
	booted.status, again.uniqID = zone.StatusRunning, 3
	got := unchanged(map[zone.ID]seen{1: one, 2: two, 3: one, 4: two}, map[zone.ID]seen{1: one, 2: again, 3: booted, 5: two})
	if want := map[zone.ID]zone.Status{1: zone.StatusReady}; !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}
