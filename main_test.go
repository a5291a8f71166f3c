package zones_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
)

// lifeVariable makes the test binary run only the example of a zone's life.
const lifeVariable = "ZONES_TEST_LIFE"

func TestMain(m *testing.M) {
	if os.Getenv(lifeVariable) != "" {
		Example()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// nobody is the user ID of an ordinary user.
const nobody = 65534

// TestLife runs the example of a zone's life with zones that have processes, as the
// user of the tests and, if that is root, as an ordinary user.
func TestLife(t *testing.T) {
	testenv.Need(t, testenv.Long)
	t.Parallel()
	bin := commands(t)
	for _, test := range []struct {
		name string
		uid  int
	}{{"as this user", os.Getuid()}, {"as an ordinary user", nobody}} {
		t.Run(test.name, func(t *testing.T) {
			if test.uid != os.Getuid() {
				testenv.Need(t, testenv.Root)
			}
			t.Parallel()
			life(t, bin, test.uid)
		})
	}
}

// commands builds the programs that a zone's life needs, and this test, into a
// directory that every user can read.
func commands(t *testing.T) string {
	t.Helper()
	bin := directory(t, os.Getuid())
	arguments := []string{"build", "-o", bin}
	for _, name := range []string{"zones-kernel", "zones-unpack", "zoneadm-go", "zoneadmd-go"} {
		arguments = append(arguments, "./cmd/"+name)
	}
	if out, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err == nil {
		err = testenv.WriteProgram(filepath.Join(bin, "test"), text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// directory makes a directory that a user owns; it is removed after the test.
func directory(t *testing.T, uid int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "zones-life")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, uid, -1)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// life runs the example as a user, and then checks that it left nothing behind.
func life(t *testing.T, bin string, uid int) {
	top := directory(t, uid)
	run := filepath.Join(top, "run")
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...)
		c.Dir = "/"
		c.Env = []string{"PATH=" + bin + ":/usr/sbin:/usr/bin:/sbin:/bin", "ZONES_ROOT=" + top, "ZONES_RUN=" + run,
			"TMPDIR=" + top, "HOME=" + top, lifeVariable + "=1"}
		if uid != os.Getuid() {
			c.SysProcAttr = asUser(uid)
		}
		return c
	}
	t.Cleanup(func() { endKernel(t, run) })
	out, err := command("zoneadm-go", "host", "--json").Output()
	var report zone.Report
	if err == nil {
		err = json.Unmarshal(out, &report)
	}
	if err != nil {
		t.Fatalf("no report about the host: %v", err)
	}
	if report.Host == "sim" {
		testenv.Need(t, testenv.Namespaces(uid, errors.New(report.Detail)))
	}
	said, err := command("test").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	want := []string{"create: configured", "install: installed", "boot: running", "web has pid ", "command: running",
		"halt: installed", "uninstall: configured", "delete: true"}
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	for i, line := range lines {
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Fatalf("line %d is %q:\n%s", i+1, line, said)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d:\n%s", len(lines), len(want), said)
	}
	if !strings.HasSuffix(lines[3], "user 0") {
		t.Errorf("the program wasn't root in the zone: %s", lines[3])
	}
	if _, err := os.Stat(filepath.Join(top, "zones/web")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the zonepath is left: %v", err)
	}
}

// endKernel stops the kernel process of a run directory and returns when it has
// exited.
func endKernel(t *testing.T, run string) {
	text, err := os.ReadFile(filepath.Join(run, "kernel.pid"))
	if err != nil {
		return // none was started
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Error(err)
		return
	}
	conn, err := door.Dial(locate.KernelDoor(run))
	if err != nil {
		return // it has exited by itself
	}
	defer conn.Close()
	if err := signalTo(pid, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	conn.Receive() // fails when the process exits and its end is closed
}
