package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/contract"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/zone"
)

// terms are the contract terms of a program in a zone: a hardware error kills its process
// group, and the contracts that it holds can be inherited.
var terms = contract.Terms{Fatal: contract.EventHardware, Params: contract.GroupOnly | contract.Regent}

// Start runs a program in a zone; see [zone.Executor].
//
// zone_enter(2) needs a process that is alone in its process contract, holds no contract
// and has inherited none of another zone (else EINVAL), and has no open file (EBADF) or
// mapping (EFAULT) that is bound to a zone. A Go program that has run for a while seldom
// is such a process. So Start starts a new child of this executable in a contract of its
// own, with the three standard files and two pipes. The child enters the zone before any
// other code of the program runs, see child_illumos.go, and executes the program. It may
// have several threads: the system stops them.
//
// The contract is abandoned by Wait and Close, so that the program can outlive this
// process.
func (k *kernel) Start(id zone.ID, cmd *zone.Cmd) (zone.Process, error) {
	r, err := requestFor(id, cmd)
	if err != nil {
		return nil, err
	}
	p := &process{}
	if cmd.Pty {
		var terminal *os.File
		if p.pty, terminal, err = terminalFor(id, cmd); err != nil {
			return nil, err
		}
		defer terminal.Close() // the program has opened it by then
		r.Terminal = terminal.Name()
	}
	if err := p.start(r, cmd); err != nil {
		if p.pty != nil {
			p.pty.Close()
		}
		return nil, err
	}
	return p, nil
}

// terminalGroup is the group of terminals, tty.
const terminalGroup = 7

// terminalFor makes a pseudo-terminal in the zone, and returns its manager and itself. The terminal is opened before it is the
// zone's, which only allows processes of the zone to open it: its modules are then anchored
// by the global zone, and stay while it is open.
func terminalFor(id zone.ID, cmd *zone.Cmd) (*os.File, *os.File, error) { // not named: the undos have them
	var undos undo.Stack
	defer undos.Run()
	manager, name, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	undos.Add(func() { manager.Close() })
	if err = pty.SetOwner(manager, cmd.UID, terminalGroup); err != nil {
		return nil, nil, err
	}
	terminal, err := pty.OpenTerminal(name)
	if err != nil {
		return nil, nil, err
	}
	undos.Add(func() { terminal.Close() })
	if cmd.Like != nil {
		mode, err := pty.ModeOf(cmd.Like)
		if err != nil {
			return nil, nil, err
		}
		size, _ := pty.SizeOf(cmd.Like) // a terminal may have none
		if err := pty.SetLooks(terminal, mode, size); err != nil {
			return nil, nil, err
		}
	}
	if err = pty.GiveToZone(manager, int32(id)); err != nil {
		return nil, nil, err
	}
	undos.Drop()
	return manager, terminal, nil
}

// start starts the child, sends it the request and waits until it has executed the program.
func (p *process) start(r *request, cmd *zone.Cmd) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	request, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer tell.Close()
	said, outcome, err := os.Pipe()
	if err != nil {
		request.Close()
		return err
	}
	defer said.Close()
	files := []*os.File{cmd.Stdin, cmd.Stdout, cmd.Stderr, request, outcome}
	for i := range files {
		if files[i] == nil {
			files[i] = null
		}
	}
	err = p.fork(self, files)
	request.Close()
	outcome.Close()
	if err != nil {
		return fmt.Errorf("starting %s in zone %d: %w", cmd.Path, r.Zone, err)
	}
	_, writeErr := tell.Write(text)
	tell.Close()
	answer, readErr := io.ReadAll(said)
	// A child that exits early breaks the pipe; what it says is the cause.
	if err = failure(r.Zone, cmd, answer); err == nil {
		err = errors.Join(writeErr, readErr)
	}
	if err == nil {
		return nil
	}
	p.child.Wait() // it exits after an error
	p.abandon()
	return err
}

// fork starts the child in a contract of its own. It has this process's environment;
// the program gets the request's.
func (p *process) fork(self string, files []*os.File) error {
	id, err := terms.Start(func() (err error) {
		p.child, err = os.StartProcess(self, []string{entrance}, &os.ProcAttr{Files: files})
		return err
	})
	p.contract = id
	if err != nil && p.child != nil {
		p.child.Kill()
		p.child.Wait()
	}
	return err
}

// process is a program in a zone. Its process group, or session, is its own.
type process struct {
	child    *os.Process
	contract contract.ID
	pty      *os.File

	once sync.Once // abandons the contract
}

func (p *process) Pid() int      { return p.child.Pid }
func (p *process) Pty() *os.File { return p.pty }

func (p *process) abandon() {
	p.once.Do(func() {
		contract.Abandon(p.contract) // fails if it was removed with its last member, or there is none
	})
}

// Wait returns when the program has exited.
func (p *process) Wait() (zone.ExitStatus, error) {
	state, err := p.child.Wait()
	if err != nil {
		return zone.ExitStatus{}, err
	}
	p.abandon()
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return zone.ExitStatus{Signal: int(status.Signal())}, nil
	}
	return zone.ExitStatus{Code: status.ExitStatus()}, nil
}

// Signal sends a signal to the program's process group.
func (p *process) Signal(sig os.Signal) error {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return errno.EINVAL
	}
	return syscall.Kill(-p.child.Pid, number)
}

// Close releases the program, which continues. It is still reaped if it exits before this
// process.
func (p *process) Close() error {
	p.abandon()
	go p.child.Wait()
	return nil
}
