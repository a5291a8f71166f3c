package check

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestGoroutinesAndCollection(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	var sum atomic.Int64
	for i := range 1000 {
		wg.Go(func() {
			var kept [][]byte
			for n := range 20 {
				kept = append(kept, make([]byte, 1000+n))
				runtime.Gosched()
			}
			sum.Add(int64(len(kept)))
			if i%100 == 0 {
				runtime.GC()
			}
		})
	}
	wg.Wait()
	if got := sum.Load(); got != 20000 {
		t.Errorf("the goroutines counted %d, want 20000", got)
	}
}

// A loop without calls is only preempted by a signal whose handler changes the address at
// which the code continues.
func TestPreemption(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		for !stop.Load() {
		}
		close(done)
	}()
	time.Sleep(time.Millisecond)
	debug.FreeOSMemory()
	stop.Store(true)
	<-done
}

func TestTimers(t *testing.T) {
	t.Parallel()
	start := time.Now()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for range 5 {
		<-ticker.C
	}
	if took := time.Since(start); took < 10*time.Millisecond {
		t.Errorf("five ticks of 2 ms took %v", took)
	}
	select {
	case <-time.After(time.Minute):
		t.Error("the short timer never fired")
	case <-time.After(time.Millisecond):
	}
}

func TestFaultsBecomePanics(t *testing.T) {
	t.Parallel()
	faults := map[string]func(){
		"nil pointer":           func() { var p *[4]int; p[1] = 1 },
		"division by zero":      func() { zero := len(os.Args); zero -= zero; _ = 1 / zero },
		"pointer far away":      func() { var p *[1 << 30]byte; _ = p[1<<29] },
		"write to program text": writeText,
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			fault()
		})
	}
}

// A goroutine that exits while locked to its thread ends the thread.
func TestThreadsEnd(t *testing.T) {
	t.Parallel()
	for range 20 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread()
		}()
		<-done
	}
}

// Every signal that can be caught arrives with its own number, including signals that
// Linux lacks.
func TestSignals(t *testing.T) {
	// The numbers of illumos's signal.h; 9 and 23 can't be caught, 4 to 8, 10 to 12
	// are faults, and the runtime uses 29, for its profiler, and 36 itself.
	var signals []syscall.Signal
	for n := syscall.Signal(1); n <= 62; n++ {
		if !slices.Contains([]syscall.Signal{4, 5, 6, 7, 8, 9, 10, 11, 12, 23, 29, 36, 41}, n) {
			signals = append(signals, n)
		}
	}
	for _, want := range signals {
		arrived := make(chan os.Signal, 4)
		signal.Notify(arrived, want)
		if err := syscall.Kill(os.Getpid(), want); err != nil {
			t.Errorf("kill with signal %d: %v", want, err)
			signal.Reset(want)
			continue
		}
		select {
		case got := <-arrived:
			if got != want {
				t.Errorf("sent signal %d, got %v", want, got)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("signal %d did not arrive", want)
		}
		signal.Stop(arrived)
	}
}

func TestWaitStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		want   func(syscall.WaitStatus) bool
	}{
		"exit":   {"exit 7", func(s syscall.WaitStatus) bool { return s.Exited() && s.ExitStatus() == 7 }},
		"USR1":   {"kill -USR1 $$", func(s syscall.WaitStatus) bool { return s.Signaled() && s.Signal() == syscall.SIGUSR1 }},
		"XCPU":   {"kill -XCPU $$", func(s syscall.WaitStatus) bool { return s.Signaled() && s.Signal() == syscall.SIGXCPU }},
		"ignore": {"trap '' USR2; kill -USR2 $$; exit 3", func(s syscall.WaitStatus) bool { return s.ExitStatus() == 3 }},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("/bin/sh", "-c", test.script)
			cmd.Run()
			if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !test.want(status) {
				t.Errorf("status %#x", uint32(status))
			}
		})
	}
}

// An illumos program executes an illumos program: itself, under another name.
func TestExecutesItself(t *testing.T) {
	t.Parallel()
	if answer := os.Getenv("CHECK_CHILD"); answer != "" {
		os.Stdout.WriteString(strings.Join(append(os.Args[:1], answer), " ") + "\n")
		os.Exit(5)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(self) {
		t.Errorf("the executable is %s, which is not absolute", self)
	}
	cmd := exec.Command(self, "-test.run=^TestExecutesItself$")
	cmd.Args[0] = "another name"
	cmd.Env = append(os.Environ(), "CHECK_CHILD=hello")
	output, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 5 || string(output) != "another name hello\n" {
		t.Errorf("the child said %q and ended with %v", output, err)
	}
}

func TestExecuteErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	guest := filepath.Join(dir, "guest")
	if err := os.WriteFile(guest, self, 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		filepath.Join(dir, "none"): syscall.ENOENT,
		plain:                      syscall.EACCES,
		guest:                      syscall.EACCES,
		plain + "/below":           syscall.ENOTDIR,
	} {
		if _, err := os.StartProcess(path, []string{path}, &os.ProcAttr{}); err == nil || unwrap(err) != want {
			t.Errorf("executing %s: %v, want %v", filepath.Base(path), err, want)
		}
	}
}

func unwrap(err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = inner.Unwrap()
	}
}
