package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/door"
)

// Open connects to the kernel process of this machine, and starts one if none runs.
func Open() (*client.Client, error) { return client.Open(locate.RunDir(), connect) }

func dial(runDir string) (*door.Conn, error) { return door.Dial(locate.KernelDoor(runDir)) }

// connect connects to the kernel process of the run directory and starts one if none
// answers. Programs that do this at the same time take turns by a lock: one starts it.
func connect(runDir string) (*door.Conn, error) {
	conn, err := dial(runDir)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%w: another user runs the zones in %s, probably root; to run your own set ZONES_RUN to a directory that you own", err, runDir)
	case !errors.Is(err, syscall.ENOENT) && !errors.Is(err, syscall.ECONNREFUSED):
		return nil, err
	}
	if err := locate.MakeRunDir(runDir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(runDir, "kernel.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if conn, err := dial(runDir); err == nil {
		return conn, nil
	}
	if err := start(runDir); err != nil {
		return nil, err
	}
	return dial(runDir)
}

// start starts the kernel process in a session of its own and returns when its door is
// open. If the process fails to start, the error says why, or names its log.
func start(runDir string) error {
	program, err := locate.Find(locate.Program, "ZONES_KERNEL")
	if err != nil {
		return err
	}
	ready, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	command := exec.Command(program, "--run-dir", runDir, "--ready-fd", "3")
	command.Dir = "/"
	command.Env = []string{"PATH=" + os.Getenv("PATH")}
	command.ExtraFiles = []*os.File{tell}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	logPath := filepath.Join(runDir, "kernel.log")
	log, err := os.OpenFile(logPath, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		defer log.Close()
		command.Stdout, command.Stderr = log, log
	}
	err = command.Start()
	tell.Close()
	if err != nil {
		return fmt.Errorf("the kernel process can't be started: %w", err)
	}
	if err := wire.ReadReady(ready); err != nil {
		_ = command.Wait()
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("see " + logPath)
		}
		return fmt.Errorf("the kernel process did not start: %w", err)
	}
	return command.Process.Release() // it outlives this program
}
