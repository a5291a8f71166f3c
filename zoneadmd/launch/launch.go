// Package launch starts the daemon of a zone: apart from the program that needs it,
// and so that this program learns when the daemon serves.
package launch

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/machine"
)

// The daemon tells how its start went by a message on a pipe: the exit status as a
// byte, and the text for standard error. A pipe that just ends says that the daemon
// has died.

// TellFlag is the option by which the daemon is given the descriptor to tell on.
const TellFlag = "--tell-fd"

// LogPath is where the daemon of a zone writes what the system's log doesn't take.
func LogPath(runDir, name string) string { return filepath.Join(runDir, name+".zoneadmd.log") }

// Start starts the daemon of a zone in the background from its program. It returns
// the exit status of the start once the door is served, or it is known that it
// won't be; errs gets what the daemon had to say.
func Start(program, name string, errs io.Writer) int {
	closeInherited()
	told, tell, err := os.Pipe()
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	defer told.Close()
	command := exec.Command(program, "-z", name, TellFlag, "3")
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
