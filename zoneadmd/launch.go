package zoneadmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/machine"
	"github.com/gozones/zones/zonecfg"
)

// The parent is told how the daemon's start went by a message on a pipe: the exit
// status as a byte, and the text for its standard error. A pipe that just ends says
// that the daemon has died.

// Launch starts the daemon of a zone in the background: this program with the
// arguments given, and the number of a descriptor after them. It returns the exit
// status of the start once the door is served, or it is known that it won't be.
func Launch(name string, args []string, errs io.Writer) int {
	if err := checkName(name); err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	closeInherited()
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	told, tell, err := os.Pipe()
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	defer told.Close()
	command := exec.Command(self, append(args, "3")...)
	command.Dir = "/"
	command.Env = environment()
	command.ExtraFiles = []*os.File{tell}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	// What the Go runtime says when a program crashes must not be lost.
	if log, err := os.OpenFile(LogPath(machine.RunDir(), name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
		defer log.Close()
		command.Stderr = log
	}
	err = command.Start()
	tell.Close()
	if err != nil {
		fmt.Fprintf(errs, "the daemon could not be started: %v\n", err)
		return 1
	}
	message, err := io.ReadAll(told)
	if err != nil || len(message) == 0 {
		state, _ := command.Process.Wait()
		fmt.Fprintf(errs, "the daemon has died: %v\n", state)
		return 1
	}
	errs.Write(message[1:])
	command.Process.Release()
	return int(message[0])
}

// closeInherited keeps what the caller has left open out of the daemon, which lives
// longer.
func closeInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// environment is what of the caller's environment is the daemon's too: where things
// are, and nothing that a hook of a brand could be led astray by.
func environment() []string {
	env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case strings.HasPrefix(name, "ZONES_"), name == "XDG_RUNTIME_DIR", name == "TMPDIR", name == "HOME":
			env = append(env, variable)
		}
	}
	return env
}

// Main is the life of a daemon that Launch has started for a zone: it tells the
// parent on the descriptor when it serves, and returns the exit status of the
// process when it has nothing more to do.
func Main(name string, tellFD int) int {
	unix.CloseOnExec(tellFD)
	tell := os.NewFile(uintptr(tellFD), "parent")
	syscall.Umask(0o022)
	ignoreSignals()
	finish := func(status byte, text string) int {
		if text != "" {
			text += "\n"
		}
		tell.Write(append([]byte{status}, text...))
		tell.Close()
		return int(status)
	}
	kernel, err := machine.Open()
	if err != nil {
		return finish(1, openFailed(err))
	}
	defer kernel.Close()
	runDir := machine.RunDir()
	logPath := LogPath(runDir, name)
	defer dropEmpty(logPath)
	d, err := Start(Config{
		Zone: name, Kernel: kernel, RunDir: runDir,
		Store: zonecfg.Open(machine.Root(), runDir),
		Log:   Logger(logPath),

		ShutdownTimeout: StopTimeout(),
	})
	switch {
	case errors.Is(err, ErrServed):
		return finish(1, "")
	case err != nil:
		return finish(1, err.Error())
	}
	finish(0, strings.Join(d.Warnings, "\n"))
	d.Run()
	return 0
}

// ignoreSignals lets the daemon end only by itself, as the system's does: a zone
// whose daemon ends with the session of whoever booted it is without a console.
// They are caught, not ignored: that a hook would inherit.
func ignoreSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for range signals {
		}
	}()
}

// openFailed is the diagnostic for a kernel that can't be reached.
func openFailed(err error) string {
	if e, _ := errno.Of(err); e == errno.EACCES || e == errno.EPERM {
		return noPrivilege
	}
	return err.Error()
}

// dropEmpty removes a log in which nothing is.
func dropEmpty(path string) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		removeFile(path)
	}
}
