package zoneadmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/zoneadmd/launch"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/zonecfg"
)

// Launch starts the daemon of a zone in the background, from this program. It returns
// the exit status of the start once the door is served or the start has failed.
func Launch(name string, errs io.Writer) int {
	if err := checkName(name); err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return launch.Start(self, name, errs)
}

// processName is the name of this daemon in traces.
const processName = "zoneadmd-go"

// Main runs a daemon that Launch started for a zone. It writes to tellFD when it
// serves, and returns the exit status of the process when the daemon is no longer
// needed. callerFD is a connection that the parent already has to the door, or -1;
// record says that the caller wants a recording of the start. See [launch.Begin].
func Main(name string, tellFD, callerFD int, record bool) int {
	var recording *trace.Recording
	if record {
		recording = trace.Start(processName)
	}
	posix.CloseOnExec(tellFD)
	tell := os.NewFile(uintptr(tellFD), "parent")
	ignoreSignals()
	finish := func(status byte, text string) int {
		if text != "" {
			text += "\n"
		}
		_, _ = tell.Write(append([]byte{status}, text...))
		tell.Close()
		return int(status)
	}
	if err := posix.Umask(0o022); err != nil {
		return finish(1, err.Error())
	}
	var caller *door.Conn
	if callerFD >= 0 {
		var err error
		if caller, err = door.Inherit(uintptr(callerFD)); err != nil {
			return finish(1, fmt.Sprintf("descriptor %d is no connection of a caller: %v", callerFD, err))
		}
	}
	connected := trace.Begin(trace.Step, "connect to the kernel")
	kernel, err := machine.Open()
	connected()
	if err != nil {
		return finish(1, openFailed(err))
	}
	defer kernel.Close()
	runDir := locate.RunDir()
	d, err := Start(Config{
		Zone: name, Kernel: kernel, RunDir: runDir,
		Store:  zonecfg.Open(locate.Root(), runDir),
		Log:    Logger(launch.LogPath(runDir)),
		Caller: caller,

		Privileges: func() (priv.Set, error) { return priv.Own(priv.Effective) },

		Recording:       recording,
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

// ignoreSignals keeps signals from killing the daemon, as in the system's: otherwise a
// zone would lose its console with the session that booted it. The signals are caught,
// not ignored, because hooks would inherit ignored ones.
func ignoreSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, posix.SIGUSR1, posix.SIGUSR2)
	go func() {
		for range signals {
		}
	}()
}

const noPrivilege = "You lack sufficient privilege to run this command (all privs required)"

// openFailed returns the diagnostic for a kernel that can't be opened.
func openFailed(err error) string {
	if e, _ := errno.Of(err); e == errno.EACCES || e == errno.EPERM {
		return noPrivilege
	}
	return err.Error()
}
