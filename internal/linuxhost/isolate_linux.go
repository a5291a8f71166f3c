package linuxhost

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// isolated is set in the environment of the program that Isolate executes.
const isolated = "ZONES_ISOLATED"

// Isolate gives an ordinary user's kernel process a user namespace in which it is
// root, and a mount namespace, by executing the program again as a child. It returns
// nil for root and in that child, and an error if users may not make namespaces.
func Isolate() error {
	if os.Geteuid() == 0 {
		_ = os.Unsetenv(isolated)
		return nil
	}
	if os.Getenv(isolated) != "" {
		return fmt.Errorf("not root in the new user namespace: %w", unix.EPERM)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var files []*os.File
	for fd := range uintptr(64) {
		var f *os.File
		if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			f = os.NewFile(fd, "inherited")
		}
		files = append(files, f)
	}
	for len(files) > 0 && files[len(files)-1] == nil {
		files = files[:len(files)-1]
	}
	// The child is killed when the thread that started it exits, so keep this one.
	runtime.LockOSThread()
	process, err := os.StartProcess(self, os.Args, &os.ProcAttr{
		Env:   append(os.Environ(), isolated+"=1"),
		Files: files,
		Sys:   userNS(),
	})
	if err != nil {
		return fmt.Errorf("this user can't create user namespaces: %w", err)
	}
	// Who ends the kernel process knows this one, but the child has the zones to end.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	go func() {
		for s := range signals {
			_ = process.Signal(s) // fails only when the child has ended
		}
	}()
	state, err := process.Wait()
	if err != nil {
		return err
	}
	os.Exit(state.ExitCode())
	return nil
}

func userNS() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
}
