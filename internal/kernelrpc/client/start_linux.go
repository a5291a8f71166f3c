package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/door"
)

// connect opens the kernel's door and starts the kernel process where none
// answers. Programs that start at once agree on one by a lock.
func connect() (*door.Conn, error) {
	dir := locate.RunDir()
	if c, err := door.Dial(locate.KernelDoor(dir)); err == nil {
		return c, nil
	} else if errors.Is(err, syscall.EACCES) {
		return nil, fmt.Errorf("%w: these zones are another user's, most likely root's; zones of your own have ZONES_RUN in a folder of your own", err)
	} else if !errors.Is(err, syscall.ENOENT) && !errors.Is(err, syscall.ECONNREFUSED) {
		return nil, err
	}
	if err := locate.MakeRunDir(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "kernel.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if c, err := door.Dial(locate.KernelDoor(dir)); err == nil {
		return c, nil
	}
	if err := start(dir); err != nil {
		return nil, err
	}
	return door.Dial(locate.KernelDoor(dir))
}

// start runs the kernel process apart from this program and returns when its door
// is open. What it had to say on failing is in the error.
func start(dir string) error {
	program, err := locate.Find(locate.Program, "ZONES_KERNEL")
	if err != nil {
		return err
	}
	ready, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	command := exec.Command(program, "--run-dir", dir, "--ready-fd", "3")
	command.Dir = "/"
	command.Env = []string{"PATH=" + os.Getenv("PATH")}
	command.ExtraFiles = []*os.File{tell}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	logPath := filepath.Join(dir, "kernel.log")
	log, err := os.OpenFile(logPath, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		defer log.Close()
		command.Stdout, command.Stderr = log, log
	}
	err = command.Start()
	tell.Close()
	if err != nil {
		return fmt.Errorf("the kernel process could not be started: %w", err)
	}
	said, err := bufio.NewReader(ready).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if text := strings.TrimSpace(said); text != "ready" {
		command.Wait()
		if text == "" {
			text = "see " + logPath
		}
		return fmt.Errorf("the kernel process did not start: %s", text)
	}
	// It goes on by itself.
	return command.Process.Release()
}
