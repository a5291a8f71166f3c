package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// standIn is what a stand-in guest boots from; see ci/omnios/standin.sh.
type standIn struct{ dir string }

func needStandIn(t *testing.T) standIn {
	testenv.Need(t, testenv.Long, testenv.Source, testenv.System("linux"), testenv.Tool("sh"), testenv.Tool("ssh", "openssh-client"), testenv.Tool("ssh-keygen", "openssh-client"),
		testenv.Tool(qemuProgram, "qemu-system-x86"), testenv.Tool("busybox", "busybox-static"), testenv.File("/usr/sbin/dropbear", "dropbear-bin"))
	dir := t.TempDir()
	out, err := exec.Command("../../ci/omnios/standin.sh", dir, filepath.Join(testenv.Top(), "bin/standin")).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	testenv.Need(t, testenv.Debian("a Linux kernel for a guest", err))
	return standIn{dir}
}

// args are the arguments of the harness for a stand-in guest.
func (s standIn) args(bundle, out, words string, more ...string) []string {
	args := []string{"-bundle", bundle, "-o", out, "-accel", "tcg", "-memory", "192", "-cpus", "1", "-limit", "boot=5m", "-limit", "off=1m"}
	args = append(args, more...)
	// On a busy machine the emulated timer is too late for the kernel's check of it.
	return append(args, filepath.Join(s.dir, "disk.raw"), "--", "-kernel", filepath.Join(s.dir, "vmlinuz"), "-initrd", filepath.Join(s.dir, "initrd"),
		"-append", "console=ttyS0 quiet panic=0 no_timer_check "+words)
}

// newBundle makes a bundle whose tests are shell scripts, by their names.
func newBundle(t *testing.T, tests [][2]string) string {
	t.Helper()
	dir := t.TempDir()
	run, err := os.ReadFile("../../ci/omnios/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	var names strings.Builder
	put := func(path, text string) {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), testenv.WriteProgram(path, []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range tests {
		put("tree/"+test[0]+"/unit.test", "#!/bin/sh\n"+test[1])
		names.WriteString(test[0] + "\n")
	}
	put("run.sh", string(run))
	put("packages", names.String())
	put("system", "Linux\n")
	return dir
}

// event is a line of a test program.
func event(text string) string { return `printf '\026` + text + `\n'` + "\n" }

// TestStandIn boots guests and runs tests on them.
func TestStandIn(t *testing.T) {
	t.Parallel()
	s := needStandIn(t)
	t.Run("the whole way, with a test that fails", func(t *testing.T) {
		t.Parallel()
		out := t.TempDir()
		bundle := newBundle(t, [][2]string{
			{"sys/good", event("=== RUN   TestGood") + "echo $(id -u)\necho \"$@\"\nid -u >$ZONES_FILES/who\n" + event("--- PASS: TestGood (0.01s)")},
			{"sys/bad", event("=== RUN   TestBad") + "echo wrong\n" + event("--- FAIL: TestBad (0.02s)") + "exit 1\n"},
		})
		var said, errs strings.Builder
		if status := execute(t.Context(), s.args(bundle, out, ""), &said, &errs); status != testsFailed {
			t.Fatalf("status %d: %s\n%s", status, errs.String(), said.String())
		}
		want := `ok      root  sys/good: 1 passed, 0 failed, 0 skipped
FAILED  root  sys/bad: 0 passed, 1 failed, 0 skipped
  FAIL: TestBad
    wrong
ok      user  sys/good: 1 passed, 0 failed, 0 skipped
FAILED  user  sys/bad: 0 passed, 1 failed, 0 skipped
  FAIL: TestBad
    wrong
4 packages, 2 of them failed; 2 tests passed, 2 failed, 0 skipped
`
		for path, want := range map[string]string{"results.txt": want, "files/root/who": "0\n", "files/user/who": "1000\n"} {
			if text, err := os.ReadFile(filepath.Join(out, path)); err != nil || string(text) != want {
				t.Errorf("%s: %v, %s", path, err, text)
			}
		}
		for path, want := range map[string]string{
			"junit.xml": `name="user/sys/bad" tests="1" failures="1"`, "3-tests.log": "0\n-test.short -test.v=test2json",
			"console.log": "local-hostname: zones-omnios", "6-off.log": "off: ",
		} {
			if text, err := os.ReadFile(filepath.Join(out, path)); err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s has no %q: %v\n%s", path, want, err, text)
			}
		}
	})
	t.Run("a login on the console, and a guest that hangs", func(t *testing.T) {
		t.Parallel()
		out := t.TempDir()
		bundle := newBundle(t, [][2]string{
			{"sys/good", event("=== RUN   TestGood") + event("--- PASS: TestGood (0.01s)")},
			{"sys/hangs", event("=== RUN   TestHangs") + "sleep 1\necho c >/proc/sysrq-trigger\n"},
		})
		var said, errs strings.Builder
		status := execute(t.Context(), s.args(bundle, out, "console", "-access", byConsole, "-password", "secret", "-limit", "tests=20s"), &said, &errs)
		if status != noResult || !strings.Contains(errs.String(), "step tests took longer than 20s") {
			t.Errorf("status %d: %s", status, errs.String())
		}
		for _, want := range []string{"ok      root  sys/good", "  did not end: TestHangs", "Kernel panic"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("it doesn't say %q:\n%s", want, said.String())
			}
		}
		if text, err := os.ReadFile(filepath.Join(out, "junit.xml")); err != nil || !strings.Contains(string(text), `<error message="did not end">`) {
			t.Errorf("junit.xml: %v\n%s", err, text)
		}
	})
}
