package linuxhost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/zone"
)

// attacks are what this program does inside a zone, to get out. Each prints what it achieved.
var attacks = map[string]func() int{"chroot": escapeRoot, "trace": traceZsched}

// attack runs an attack in a zone and returns its output.
func (m *machine) attack(id zone.ID, root, name string) string {
	m.Helper()
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		m.Fatal(err)
	}
	m.write(root+"/root/attack", string(self))
	out, _ := m.run(id, "ZONES_TEST_ATTACK="+name+" /root/attack")
	return out
}

// escapeRoot walks up from a directory outside its root directory as far as possible, and
// reports where it got to.
func escapeRoot() int {
	err := func() error {
		before, err := os.Stat("/")
		if err != nil {
			return err
		}
		top, err := os.Open("/")
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp("/tmp", "escape")
		if err != nil {
			return err
		}
		if err := errors.Join(syscall.Chroot(dir), top.Chdir()); err != nil {
			return err
		}
		for range 100 {
			if err := os.Chdir(".."); err != nil {
				return err
			}
		}
		after, err := os.Stat(".")
		if err != nil {
			return err
		}
		if !os.SameFile(before, after) {
			return errors.New("outside of the zone's root")
		}
		return nil
	}()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("the zone's root")
	return 0
}

// traceZsched tries to trace each thread of process 1: who traces one commands them all.
func traceZsched() int {
	runtime.LockOSThread()
	threads, err := filepath.Glob("/proc/1/task/*")
	if err != nil || len(threads) == 0 {
		fmt.Println("no threads:", err)
		return 1
	}
	for _, path := range threads {
		tid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			fmt.Println(err)
			return 1
		}
		if err := unix.PtraceSeize(tid); err == nil {
			fmt.Println("traces thread", tid, "of zsched")
			return 1
		}
		var word [8]byte
		local := []unix.Iovec{{Base: &word[0]}}
		local[0].SetLen(len(word))
		if n, err := unix.ProcessVMReadv(tid, local, []unix.RemoteIovec{{Base: 0x400000, Len: len(word)}}, 0); err == nil {
			fmt.Println("reads", n, "bytes of thread", tid, "of zsched")
			return 1
		}
	}
	fmt.Println("refused")
	return 0
}
