package zlogin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/sys/zone"
)

// Main is zlogin(1) with its arguments, without the command's name. It returns the exit
// status: that of the command in the zone, or 0 if a signal killed it.
func (l *Login) Main(args []string) int {
	o, err := ParseOptions(args)
	if err == nil {
		l.json = o.JSON
		var status int
		if status, err = l.session(o); err == nil {
			return status
		}
	}
	return l.Report(err)
}

// open fills in the caller and opens the kernel, unless they are set.
func (l *Login) open() (done func(), err error) {
	if l.Caller.Name == "" {
		if l.Caller, err = CallerNow(); err != nil {
			return nil, err
		}
	}
	if l.Kernel != nil {
		return func() {}, nil
	}
	kernel, err := machine.Open()
	if err != nil {
		return nil, refused(err.Error())
	}
	l.Kernel = kernel
	return func() { kernel.Close() }, nil
}

// session runs the requested session and returns the exit status.
func (l *Login) session(o *Options) (int, error) {
	done, err := l.open()
	if err != nil {
		return 0, err
	}
	defer done()
	m := l.modeOf(o)
	t, err := l.admit(o, m)
	if err != nil {
		return 0, err
	}
	if m == console {
		return ExitOK, l.console(t, o)
	}
	p, err := l.program(t, o, m)
	if err != nil {
		return 0, err
	}
	if m == interactive {
		return l.interact(p, o)
	}
	status, err := l.Run(p, o.NoInput)
	if err == nil && o.JSON {
		l.tell(p, status)
	}
	return status.Code, err
}

// Report prints a diagnostic and returns the exit status that goes with it.
func (l *Login) Report(err error) int {
	var e *Error
	if !errors.As(err, &e) {
		e = refused(err.Error())
	}
	if l.json {
		raw, _ := json.Marshal(e)
		fmt.Fprintf(l.Err, "%s\n", raw)
		return e.Status
	}
	if text := e.Error(); text != "" {
		fmt.Fprintf(l.Err, "%s: %s\n", l.Prog, text)
	}
	var call *zone.Error
	if errors.As(e.Err, &call) && call.Cause != nil {
		fmt.Fprintf(l.Err, "%s: cause: %v\n", l.Prog, call.Cause) // no line of zlogin(1)
	}
	if missing := e.Missing.List(); len(missing) > 0 {
		fmt.Fprintf(l.Err, "%s: missing privileges: %s\n", l.Prog, strings.Join(missing, ","))
	}
	if e.Usage {
		fmt.Fprintln(l.Err, usageLine)
	}
	return e.Status
}

// tell reports how a program ended, for --json.
func (l *Login) tell(p *Program, status zone.ExitStatus) {
	raw, _ := json.Marshal(struct {
		Zone   string   `json:"zone"`
		Args   []string `json:"args"`
		Exit   int      `json:"exit"`
		Signal int      `json:"signal,omitempty"`
	}{p.Zone, p.Cmd.Args, status.Code, status.Signal})
	io.WriteString(l.Err, string(raw)+"\n")
}
