package zones

import (
	"fmt"
	"os"
	"syscall"

	"github.com/gozones/zones/sys/zone"
)

// Process is a program that runs in a zone.
type Process struct {
	Pid     int // as the zone sees it, where that differs from the machine's
	process zone.Process
}

// Signal sends a signal to the process group of the program.
func (p *Process) Signal(sig os.Signal) error { return p.process.Signal(sig) }

// Kill ends the process group of the program at once.
func (p *Process) Kill() error { return p.process.Signal(syscall.SIGKILL) }

// ProcessState is how a program in a zone has ended.
type ProcessState struct {
	pid    int
	status zone.ExitStatus
}

// Pid is the process id that it had.
func (s *ProcessState) Pid() int { return s.pid }

// ExitCode is its exit status, -1 when a signal ended it.
func (s *ProcessState) ExitCode() int {
	if s == nil || s.status.Signal != 0 {
		return -1
	}
	return s.status.Code
}

// Exited tells that it has exited by itself.
func (s *ProcessState) Exited() bool { return s.status.Signal == 0 }

// Signal is the signal that ended it, 0 for none.
func (s *ProcessState) Signal() syscall.Signal { return syscall.Signal(s.status.Signal) }

// Success tells that it has exited with status 0.
func (s *ProcessState) Success() bool { return s.status == zone.ExitStatus{} }

// String is "exit status 1" or "signal: killed".
func (s *ProcessState) String() string {
	if s == nil {
		return "<nil>"
	}
	if s.status.Signal != 0 {
		return "signal: " + s.Signal().String()
	}
	return fmt.Sprintf("exit status %d", s.status.Code)
}

// ExitError is the error of a program in a zone that has not ended with success.
type ExitError struct {
	*ProcessState
	// Stderr is the beginning and the end of what it wrote to its standard error, if
	// [Cmd.Output] ran it and that wasn't collected otherwise.
	Stderr []byte
	ctx    error // of a context that was done before, nil for none
}

// Error is how the program has ended.
func (e *ExitError) Error() string { return e.ProcessState.String() }

// Unwrap is the error of the context whose end has ended the program.
func (e *ExitError) Unwrap() error { return e.ctx }
