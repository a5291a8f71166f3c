package zones

import (
	"fmt"
	"os"
	"syscall"

	"github.com/gozones/zones/sys/zone"
)

// Process is a running program in a zone.
type Process struct {
	Pid     int // the process id inside the zone
	process zone.Process
}

// Signal sends a signal to the program's process group.
func (p *Process) Signal(sig os.Signal) error { return p.process.Signal(sig) }

// Kill sends SIGKILL to the program's process group.
func (p *Process) Kill() error { return p.process.Signal(syscall.SIGKILL) }

// ProcessState describes a program in a zone that has exited.
type ProcessState struct {
	pid    int
	status zone.ExitStatus
}

// Pid returns the process id of the exited program.
func (s *ProcessState) Pid() int { return s.pid }

// ExitCode returns the exit status, or -1 if the program was killed by a signal.
func (s *ProcessState) ExitCode() int {
	if s == nil || s.status.Signal != 0 {
		return -1
	}
	return s.status.Code
}

// Exited reports whether the program exited by itself.
func (s *ProcessState) Exited() bool { return s.status.Signal == 0 }

// Signal returns the signal that killed the program, or 0.
func (s *ProcessState) Signal() syscall.Signal { return syscall.Signal(s.status.Signal) }

// Success reports whether the program exited with status 0.
func (s *ProcessState) Success() bool { return s.status == zone.ExitStatus{} }

// String returns "exit status 1", "signal: killed" and the like.
func (s *ProcessState) String() string {
	if s == nil {
		return "<nil>"
	}
	if s.status.Signal != 0 {
		return "signal: " + s.Signal().String()
	}
	return fmt.Sprintf("exit status %d", s.status.Code)
}

// ExitError is the error of a program that exited unsuccessfully.
type ExitError struct {
	*ProcessState
	// Stderr holds the standard error of the program if it was run by [Cmd.Output]
	// with a nil Cmd.Stderr. Of a long output it has the beginning and the end.
	Stderr []byte
	ctx    error // the error of a context that was done first, or nil
}

// Error returns the exit status or the signal.
func (e *ExitError) Error() string { return e.ProcessState.String() }

// Unwrap returns the error of the context that ended the program, if one did.
func (e *ExitError) Unwrap() error { return e.ctx }
