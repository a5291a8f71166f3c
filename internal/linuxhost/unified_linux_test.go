package linuxhost

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// unifiedBeside is where a machine with v1 control groups has those of v2, too.
const unifiedBeside = cgroupRoot + "/unified"

// mountUnified makes the control groups those of v2, in a mount namespace of this process.
func mountUnified() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return os.NewSyscallError("mount", err)
	}
	return os.NewSyscallError("mount", unix.Mount(unifiedBeside, cgroupRoot, "", unix.MS_BIND, ""))
}

// TestUnified runs tests again with v2 control groups, on a machine that has them beside
// those of v1: a program enters its group when it is started, since no thread can.
func TestUnified(t *testing.T) {
	testenv.Need(t, testenv.Root)
	var fs unix.Statfs_t
	if err := unix.Statfs(cgroupRoot, &fs); err == nil && int64(fs.Type) == unix.CGROUP2_SUPER_MAGIC {
		return // the other tests have run with them
	}
	text, err := os.ReadFile(unifiedBeside + "/cgroup.controllers")
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = errors.New("v1 has all controllers")
	}
	testenv.Need(t, testenv.Given("v2 control groups with a controller", err))
	command := exec.Command("/proc/self/exe", "-test.run", "ZoneLife|Contract|Isolation|Terminal|ZschedKilled", "-test.v")
	command.Env = append(os.Environ(), "ZONES_TEST_UNIFIED=1")
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestZoneLife") {
		t.Errorf("%v\n%s", err, out)
	}
}
