package guest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// mostProcesses is the zone's limit: small, and above what the test itself starts.
const mostProcesses = 20

// privileges are those of a zone's root: without those on files it couldn't execute anything.
var privileges = priv.Basic().With("contract_event", "contract_observer", "file_chown", "file_chown_self", "file_dac_execute", "file_dac_read",
	"file_dac_search", "file_dac_write", "file_owner", "file_setid", "ipc_dac_read", "ipc_dac_write", "ipc_owner", "net_icmpaccess",
	"net_privaddr", "proc_audit", "proc_chroot", "proc_lock_memory", "proc_owner", "proc_setid", "proc_taskid", "sys_acct", "sys_admin",
	"sys_audit", "sys_mount", "sys_nfs", "sys_resource")

// needKernel opens the kernel of this machine, which must be able to run programs in zones.
// On Linux that is a kernel process, which ci/with-kernel.sh starts; its programs must be
// static.
func needKernel(t *testing.T) zone.Kernel {
	t.Helper()
	testenv.Need(t, testenv.Root)
	var why error
	if os.Getenv("ZONES_RUN") == "" && runtime.GOOS != "illumos" {
		why = errors.New("ZONES_RUN is not set; ci/with-kernel.sh linux starts one")
	}
	testenv.Need(t, testenv.Given("a kernel process", why))
	k, err := machine.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	report, err := k.Report()
	if err != nil {
		t.Fatal(err)
	}
	if report.Host == "sim" {
		testenv.Need(t, testenv.Given("zones with processes", errors.New(report.Detail)))
	}
	return k
}

// TestLife takes a zone through its life: made, booted, entered, limited, destroyed.
func TestLife(t *testing.T) {
	k := needKernel(t)
	root, name := filepath.Join(t.TempDir(), "root"), fmt.Sprintf("zt-life%d", os.Getpid())
	newRoot(t, root)
	processes := "zone.max-processes"
	if runtime.GOOS == "linux" {
		processes = "zone.max-lwps" // which counts threads; there it limits both
	}
	control, ok := rctl.Lookup(processes)
	if !ok {
		t.Fatal("no such resource control")
	}
	most := mostProcesses * threads()
	limits, err := rctl.Set{{Name: control.Name, Values: []rctl.Value{rctl.Limited(most, rctl.Deny)}}}.Pack()
	if err != nil {
		t.Fatal(err)
	}
	def := &zone.Definition{Def: zone.Def{Name: name, Root: root, Privs: privileges, Rctls: limits}}
	var points []string
	if runtime.GOOS == "illumos" { // its programs are dynamic
		points = []string{"/lib", "/usr"}
	}
	for _, p := range points {
		def.Steps = append(def.Steps, zone.Step{Mount: &zone.Mount{Special: p, Point: p, FSType: "lofs", Options: "ro"}})
	}
	made, err := k.Make(def)
	if err != nil {
		t.Fatal(err)
	}
	id := made.ID
	gone := false
	destroy := func() error {
		if gone {
			return nil
		}
		gone = true
		err := k.Shutdown(id)
		for _, p := range points {
			err = errors.Join(err, k.Unmount(id, p, true))
		}
		return errors.Join(err, k.Destroy(id))
	}
	t.Cleanup(func() {
		if err := destroy(); err != nil {
			t.Error(err)
		}
	})
	status := func(want zone.Status) {
		t.Helper()
		if info, err := k.Inspect(name); err != nil || info.Status != want || info.ID != id || strings.TrimSuffix(info.Root, "/") != root {
			t.Errorf("%+v, %v; it was to be %v", info, err, want)
		}
	}
	status(zone.StatusReady)
	if _, err := k.Make(def); !errors.Is(err, errno.EEXIST) && !errors.Is(err, errno.EBUSY) {
		t.Errorf("the same zone again: %v", err)
	}
	if _, err := k.BootWith(id, []zone.Step{zone.TextAttribute(zone.AttrInitName, "/"+initProgram)}); err != nil {
		t.Fatal(err)
	}
	status(zone.StatusRunning)

	said, exit := enter(t, k, id, "some input", whereProgram, "two words", "")
	if want := `in the zone ["two words" ""] <nil> uid 0` + "\nsome input"; said != want || exit != (zone.ExitStatus{Code: 7}) {
		t.Errorf("the program in the zone says %q and exits with %+v; want %q", said, exit, want)
	}
	said, exit = enter(t, k, id, "", countProgram)
	counted := regexp.MustCompile(`^(\d+) processes, .*(temporarily unavailable)`).FindStringSubmatch(said)
	if counted == nil || exit != (zone.ExitStatus{}) {
		t.Errorf("the limit isn't met: %q, %+v", said, exit)
	} else if n, err := strconv.ParseUint(counted[1], 10, 32); err != nil || n == 0 || n >= most {
		t.Errorf("%d processes could be started, and the limit is %d", n, most)
	}
	compareKstats(t)

	if err := destroy(); err != nil {
		t.Error(err)
	}
	if _, err := k.Lookup(name); !errors.Is(err, errno.EINVAL) {
		t.Errorf("after destroy: %v", err)
	}
}

// threads is about how many of the units that are limited a process of Go has.
func threads() uint64 {
	if runtime.GOOS == "linux" {
		return 4
	}
	return 1
}

// enter runs a program in the zone.
func enter(t *testing.T, k zone.Kernel, id zone.ID, input string, argv ...string) (string, zone.ExitStatus) {
	t.Helper()
	in, toIn, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	fromOut, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer fromOut.Close()
	p, err := k.Start(id, &zone.Cmd{Path: "/" + initProgram, Args: argv, Stdin: in, Stdout: out, Stderr: out})
	out.Close()
	if err != nil {
		toIn.Close()
		t.Fatalf("%q in the zone: %v", argv, err)
	}
	defer p.Close()
	if _, err := io.WriteString(toIn, input); err != nil {
		t.Error(err)
	}
	toIn.Close()
	said, err := io.ReadAll(fromOut)
	if err != nil {
		t.Error(err)
	}
	exit, err := p.Wait()
	if err != nil {
		t.Error(err)
	}
	return string(said), exit
}
