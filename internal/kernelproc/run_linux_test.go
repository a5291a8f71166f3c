package kernelproc

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// running is a kernel process that runs in the test process.
type running struct {
	dir    string
	cancel context.CancelFunc
	exited chan error
}

// start runs a kernel process and returns once it is ready, or returns its error.
func start(t *testing.T, o Options) (*running, error) {
	t.Helper()
	ready, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer ready.Close()
	o.RunDir, o.Ready = filepath.Join(t.TempDir(), "run"), tell
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{o.RunDir, cancel, make(chan error, 1)}
	go func() { r.exited <- Run(ctx, o) }()
	if err := wire.ReadReady(ready); err != nil {
		if same := <-r.exited; same == nil || same.Error() != err.Error() {
			t.Errorf("it reports %v, and exits with %v", err, same)
		}
		return nil, err
	}
	t.Cleanup(func() {
		cancel()
		<-r.exited
	})
	return r, nil
}

func TestRun(t *testing.T) {
	t.Parallel()
	r, err := start(t, Options{Host: HostSim})
	if err != nil {
		t.Fatal(err)
	}
	k, err := client.Dial(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	report, err := k.Report()
	if err != nil || report.Host != "sim" || report.Detail != "asked for" || report.PID != os.Getpid() {
		t.Errorf("%+v, %v", report, err)
	}
	text, err := os.ReadFile(filepath.Join(r.dir, "kernel.pid"))
	if pid, _ := strconv.Atoi(strings.TrimSpace(string(text))); pid != os.Getpid() {
		t.Errorf("the file says %q, %v", text, err)
	}
	id, err := k.Create(&zone.Def{Name: "web", Root: "/zones/web"})
	if err != nil {
		t.Fatal(err)
	}
	if err := zone.SetBrand(k, id, "lx"); err != nil {
		t.Errorf("a brand: %v", err)
	}

	r.cancel()
	if err := <-r.exited; err != nil {
		t.Errorf("it exits with %v", err)
	}
	r.exited <- nil
	for _, name := range []string{locate.KernelDoor(r.dir), filepath.Join(r.dir, "kernel.pid")} {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
	if _, err := k.Lookup("web"); !errors.Is(err, errno.EIO) {
		t.Errorf("a call after it has exited: %v", err)
	}
}

// TestIdle: a kernel process exits when it has been idle, but not while there is a
// caller or a zone.
func TestIdle(t *testing.T) {
	t.Parallel()
	var (
		r *running
		k *client.Client
	)
	for idle := 10 * time.Millisecond; k == nil; idle *= 2 {
		var err error
		if r, err = start(t, Options{Host: HostSim, Idle: idle}); err != nil {
			t.Fatal(err)
		}
		if k, err = client.Dial(r.dir); err == nil {
			break
		}
		if err := <-r.exited; err != nil { // before there was a caller
			t.Fatalf("it exits with %v", err)
		}
		r.exited <- nil
	}
	defer k.Close()
	id, err := k.Create(&zone.Def{Name: "web", Root: "/zones/web"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := client.Dial(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if err := errors.Join(k.Shutdown(id), k.Destroy(id), k.Close()); err != nil {
		t.Fatal(err)
	}
	if err := <-r.exited; err != nil {
		t.Errorf("it exits with %v", err)
	}
	r.exited <- nil
}

// TestRunFails: the reason why a kernel process can't start is reported to its parent.
func TestRunFails(t *testing.T) {
	t.Parallel()
	if _, err := start(t, Options{Host: "vm"}); err == nil || !strings.Contains(err.Error(), `unknown host "vm"`) {
		t.Errorf("an unknown host: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), Options{Host: HostSim, RunDir: filepath.Join(file, "run")}); !errors.Is(err, errno.ENOTDIR) && !errors.Is(zone.AsError(err), errno.ENOTDIR) {
		t.Errorf("a run directory that can't be made: %v", err)
	}
}
