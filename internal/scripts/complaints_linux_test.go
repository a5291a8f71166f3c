package scripts

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/trace"
)

// The tests of this file are named after what people wrote about zones; docs/complaints.md
// has them all.

// shell runs shell commands that must succeed, and returns what they print.
func (h *home) shell(script string) string {
	h.Helper()
	out, err := h.command("sh", "-ec", script).CombinedOutput()
	if err != nil {
		h.Fatalf("%s: %v: %s", script, err, out)
	}
	return string(out)
}

// A boot right after a halt works.
// https://github.com/TritonDataCenter/smartos-live/issues/11
func TestSmartosLive11BootAfterHalt(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, nil)
	h.shell("zoneadm-go -z web boot; for i in 1 2 3 4 5; do zoneadm-go -z web halt; zoneadm-go -z web boot; done")
	if out := h.shell("zoneadm-go -z web list -p"); !strings.Contains(out, ":web:running:") {
		t.Errorf("%s", out)
	}
}

// A zone with something mounted below its root from outside, in use there, is halted as far
// as that goes; the error says what holds it, and when that has gone another halt does the
// rest. The host needn't be restarted.
// https://github.com/omniosorg/illumos-omnios/issues/18
func TestOmnios18StuckDown(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root)
	h := newHome(t, nil)
	point := filepath.Join(h.machine, "zones/web/root/mnt")
	h.shell("zoneadm-go -z web boot")
	if err := unix.Mount("outside", point, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) })
	held, err := os.Create(filepath.Join(point, "held"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	out, err := h.command("sh", "-c", "exec zoneadm-go -z web halt").CombinedOutput()
	if err == nil || !strings.Contains(string(out), point) || !strings.Contains(string(out), "the subcommand holds says what keeps it there") {
		t.Errorf("halt: %v: %s", err, out)
	}
	if _, list := h.held(); !has(list, "file", os.Getpid(), held.Name()) || !has(list, "mount", 0, point) {
		t.Errorf("holds: %+v", list)
	}
	if list := h.shell("zoneadm-go -z web list -p"); !strings.Contains(list, ":web:down:") && !strings.Contains(list, ":web:shutting_down:") {
		t.Errorf("then %s", list)
	}
	held.Close()
	h.shell("zoneadm-go -z web halt && zoneadm-go -z web boot && zoneadm-go -z web halt")
	if list := h.shell("zoneadm-go -z web list -p"); !strings.Contains(list, ":web:installed:") {
		t.Errorf("at last %s", list)
	}
}

// Installing and booting a zone that shares the host's programs does little: it makes few
// files, however many the host has, and a boot makes few round trips between processes.
// https://github.com/oxidecomputer/omicron/issues/3682 and
// https://github.com/oxidecomputer/omicron/pull/385
func TestOmicron3682InstallAndBootDoLittle(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, nil)
	made := 0
	err := filepath.Walk(filepath.Join(h.machine, "zones/web"), func(string, os.FileInfo, error) error { made++; return nil })
	const most = 2000 // /usr has ten thousands; etc/alternatives has a link for each program
	if err != nil || made > most {
		t.Errorf("install makes %d files, more than %d: %v", made, most, err)
	}
	file := filepath.Join(h.top, "trace")
	h.shell("zoneadm-go -z web boot --trace " + file)
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	spans, err := trace.Read(in)
	if n := trace.Calls(spans); err != nil || n == 0 || n > 12 {
		t.Errorf("a boot makes %d round trips: %v", n, err)
	}
}

// A boot opens the devices that a zone has by their names: it doesn't read all of /dev.
// https://github.com/TritonDataCenter/smartos-live/issues/787
func TestSmartosLive787DevIsNotScanned(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root)
	h := newHome(t, nil)
	proceed := filepath.Join(h.top, "proceed")
	if err := syscall.Mkfifo(proceed, 0o600); err != nil {
		t.Fatal(err)
	}
	// A /dev that nobody else has, so that what is noticed is what the boot does.
	command := h.command("unshare", "-m", "--propagation", "private", "sh", "-ec", privateDev+`
echo ready; read line <$TOP/proceed
zoneadm-go -z web boot
echo booted; read line <$TOP/proceed
ls /dev >/dev/null
`)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	command.Stderr = &errs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	expect := func(want string) {
		t.Helper()
		line := make([]byte, len(want)+1)
		if n, err := out.Read(line); string(line[:max(n, 0)]) != want+"\n" {
			t.Fatalf("%q, %v: %s", line[:max(n, 0)], err, errs.String())
		}
	}
	goOn := func() {
		t.Helper()
		if err := os.WriteFile(proceed, []byte("\n"), 0); err != nil {
			t.Fatal(err)
		}
	}
	expect("ready")
	notify, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(notify)
	if _, err := unix.InotifyAddWatch(notify, fmt.Sprintf("/proc/%d/root/dev", command.Process.Pid), unix.IN_ACCESS); err != nil {
		t.Fatal(err)
	}
	goOn()
	expect("booted")
	if n := directoryReads(t, notify); n != 0 {
		t.Errorf("the boot reads /dev: %d times", n)
	}
	goOn()
	if err := command.Wait(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	if n := directoryReads(t, notify); n == 0 {
		t.Error("the test doesn't notice who reads /dev")
	}
}

// directoryReads counts the reads of a directory since the last call.
func directoryReads(t *testing.T, notify int) (n int) {
	t.Helper()
	buf := make([]byte, 1<<16)
	for {
		got, err := unix.Read(notify, buf)
		if err == unix.EAGAIN {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < got; {
			event := (*unix.InotifyEvent)(unsafe.Pointer(&buf[at]))
			if event.Mask&unix.IN_ISDIR != 0 && event.Len == 0 {
				n++
			}
			at += unix.SizeofInotifyEvent + int(event.Len)
		}
	}
}

// privateDev are shell commands that mount a /dev with the devices of zones.
const privateDev = `mkdir $TOP/dev && mount -t tmpfs dev $TOP/dev
for n in null zero full random urandom tty; do : >$TOP/dev/$n && mount --bind /dev/$n $TOP/dev/$n; done
mkdir $TOP/dev/pts $TOP/dev/shm && mount --bind /dev/pts $TOP/dev/pts && ln -s pts/ptmx $TOP/dev/ptmx && ln -s /proc/self/fd $TOP/dev/fd
mount --rbind $TOP/dev /dev
`
