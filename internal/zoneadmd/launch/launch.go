// Package launch starts the daemon of a zone: apart from the program that needs it,
// and so that this program learns when the daemon serves.
package launch

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/trace"
)

// The daemon tells how its start went by a message on a pipe: the exit status as a
// byte, and the text for standard error. A pipe that just ends says that the daemon
// has died.

// Options by which the daemon is given descriptors: the one to tell on, and one of a
// connection to its door that a caller has already; and by which it records from its
// start on what takes its time. See [Begin].
const (
	TellFlag   = "--tell-fd"
	CallerFlag = "--caller-fd"
	TraceFlag  = "--trace"
)

const tellFD, callerFD = 3, 4

// LogPath is where the daemons of zones write what the system's log doesn't take.
func LogPath(runDir string) string { return filepath.Join(runDir, "zoneadmd.log") }

// Start starts the daemon of a zone in the background from its program. It returns
// the exit status of the start once the door is served, or it is known that it
// won't be; errs gets what the daemon had to say.
func Start(program, name string, errs io.Writer) int {
	s, err := Begin(program, name, nil)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return s.Wait(errs)
}

// Starting is a daemon that has been started and needn't serve yet.
type Starting struct {
	pid  int
	told *os.File
}

// Begin is the first half of [Start]: it doesn't wait until the door is served. With
// caller, the other end of a pair ([door.Pair]), requests can be sent meanwhile; when
// that connection ends and the zone needs no daemon, the daemon leaves.
func Begin(program, name string, caller *os.File) (*Starting, error) {
	defer trace.Begin(trace.Step, "start the daemon")()
	closeInherited()
	told, tell, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer tell.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		told.Close()
		return nil, err
	}
	defer null.Close()
	errs := null
	// What the Go runtime says when a program crashes must not be lost.
	if log, err := os.OpenFile(LogPath(locate.RunDir()), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
		defer log.Close()
		errs = log
	}
	args := []string{program, "-z", name, TellFlag, strconv.Itoa(tellFD)}
	files := []uintptr{null.Fd(), null.Fd(), errs.Fd(), tell.Fd()}
	if caller != nil {
		args = append(args, CallerFlag, strconv.Itoa(callerFD))
		files = append(files, caller.Fd())
	}
	if trace.Active() {
		args = append(args, TraceFlag)
	}
	pid, err := syscall.ForkExec(program, args, &syscall.ProcAttr{
		Dir: "/", Env: environment(), Files: files, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		told.Close()
		return nil, fmt.Errorf("the daemon could not be started: %w", err)
	}
	return &Starting{pid, told}, nil
}

// Wait is the other half of [Start].
func (s *Starting) Wait(errs io.Writer) int {
	defer s.told.Close()
	message, err := io.ReadAll(s.told)
	if err == nil && len(message) > 0 {
		errs.Write(message[1:])
		go s.reap()
		return int(message[0])
	}
	text := "the daemon has died"
	if process, err := os.FindProcess(s.pid); err == nil {
		if state, err := process.Wait(); err == nil {
			text += ": " + state.String()
		}
	}
	fmt.Fprintln(errs, text)
	return 1
}

// reap waits for the daemon to exit: it may well do so before this process does.
func (s *Starting) reap() {
	if process, err := os.FindProcess(s.pid); err == nil {
		process.Wait()
	}
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
