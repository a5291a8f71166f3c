// Package launch starts the daemon of a zone detached from the program that needs it,
// and reports to the program when the daemon serves.
package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/contract"
	"github.com/gozones/zones/sys/errno"
)

// The daemon reports its start by a message on a pipe: the exit status as a byte, and
// the text for standard error. A pipe that closes without a message says that the
// daemon has died.

// Options that pass file descriptors to the daemon: the one to report on, and a
// connection of a caller to its door; and the option to record from its start on. See
// [Begin].
const (
	TellFlag   = "--tell-fd"
	CallerFlag = "--caller-fd"
	TraceFlag  = "--trace"
)

const tellFD, callerFD = 3, 4

// LogPath is where the daemons of zones write lines that the system's log doesn't
// accept.
func LogPath(runDir string) string { return filepath.Join(runDir, "zoneadmd.log") }

// Start starts the daemon of a zone in the background from its program. It returns the
// exit status of the start once the door is served or the start has failed; errs gets
// the daemon's messages.
func Start(program, name string, errs io.Writer) int {
	s, err := Begin(program, name, nil)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return s.Wait(errs)
}

// Starting is a daemon that has been started and may not serve yet.
type Starting struct {
	pid  int
	told *os.File
}

// Begin is the first half of [Start]: it doesn't wait until the door is served. With
// caller, one end of a pair ([door.Pair]), requests can be sent meanwhile; when that
// connection closes and the zone needs no daemon, the daemon exits.
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
	// The Go runtime's messages must not be lost if the program crashes.
	if log, err := os.OpenFile(LogPath(locate.RunDir()), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
		defer log.Close()
		errs = log
	}
	args := []string{program, "-z", name, TellFlag, strconv.Itoa(tellFD)}
	files := []*os.File{null, null, errs, tell}
	if caller != nil {
		args = append(args, CallerFlag, strconv.Itoa(callerFD))
		files = append(files, caller)
	}
	if trace.Active() {
		args = append(args, TraceFlag)
	}
	var pid int
	err = apart(func() (err error) {
		pid, err = posix.StartDetached(program, args, environment(), files)
		return err
	})
	if err != nil {
		told.Close()
		return nil, fmt.Errorf("the daemon could not be started: %w", err)
	}
	return &Starting{pid, told}, nil
}

// terms are those of the daemon's process contract. A hardware error kills the process that
// it strikes; nobody waits for the events.
var terms = contract.Terms{Fatal: contract.EventHardware, Params: contract.GroupOnly | contract.Regent}

// apart starts the daemon in a process contract of its own, where the system has those. In
// the caller's it would be killed with the caller's service, or by an error of another process
// there.
func apart(start func() error) error {
	id, err := terms.Start(start)
	if errors.Is(err, errno.ENOTSUP) {
		return start()
	}
	if err != nil {
		return err
	}
	// Held, it would keep this process from entering zones.
	return contract.Abandon(id)
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

// reap waits for the daemon to exit: it may do so before this process does.
func (s *Starting) reap() {
	if process, err := os.FindProcess(s.pid); err == nil {
		_, _ = process.Wait()
	}
}

// closeInherited keeps descriptors that the caller has left open out of the daemon,
// which outlives the caller.
func closeInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			posix.CloseOnExec(fd)
		}
	}
}

// environment returns the part of the caller's environment that the daemon gets: where
// things are, and nothing that could mislead a brand's hook.
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
