package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/zone"
)

// Exit statuses of zoneadm(8).
const (
	ExitOK      = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitSysboot = 40 // the brand's sysboot hook failed
)

// Tool is the command line of zoneadm(8) in one process: [Tool.Run] reads it, has the
// verb carried out, prints what the system's command prints, and returns the exit
// status.
type Tool struct {
	*Machine
	Prog string // the command's name in diagnostics
	Dir  string // relative paths of files that are read are below it

	In       *os.File // nil: no input
	Terminal bool     // In is a terminal
	Out, Err io.Writer
	Watched  bool // Err is a terminal: somebody watches, and is told what takes long

	// Connect opens the kernel. It is called when one is needed and Machine has none,
	// so that what needs no kernel starts none.
	Connect func() (zone.Kernel, error)

	on      *Target      // the zone of -z or -u, without a name where there is none
	json    bool         // --json
	meter   *meter       // tells of a step that takes long, nil: there is none
	process func() error // what the process has to be before anything is done, nil: nothing
	kernel  zone.Kernel  // from Connect, nil: none yet
}

// NewTool returns the command for the process that it is called in, under the name
// that it was started with. Close it when done.
func NewTool() *Tool {
	t := &Tool{
		Machine: here(),
		Prog:    filepath.Base(strings.TrimRight(os.Args[0], "/")),
		In:      os.Stdin, Terminal: term.IsTerminal(int(os.Stdin.Fd())),
		Out: os.Stdout, Err: os.Stderr, Watched: term.IsTerminal(int(os.Stderr.Fd())),
		Connect: machine.Open,
	}
	t.process = func() (err error) {
		// A terminal that goes away ends nothing half done, and no directory is kept
		// busy: zoneadmd is started from here.
		signal.Ignore(syscall.SIGHUP)
		if t.Dir, err = os.Getwd(); err != nil {
			t.Dir = "/"
		}
		unix.Umask(0o022)
		return os.Chdir("/")
	}
	return t
}

// connect has the kernel opened if it isn't yet, with the diagnostic when it can't.
func (t *Tool) connect() bool {
	if t.Kernel != nil {
		return true
	}
	defer trace.Begin(trace.Step, "connect to the kernel")()
	k, err := t.Connect()
	if err == nil {
		t.kernel = k
		err = t.join(k)
	}
	if err != nil {
		t.say("%v", err)
	}
	return err == nil
}

// Close lets go of the kernel that Connect has opened.
func (t *Tool) Close() error {
	if t.kernel == nil {
		return nil
	}
	k := t.kernel
	t.kernel, t.Kernel = nil, nil
	return k.Close()
}

// observer prints what a verb tells.
func (t *Tool) observer() Observer {
	o := Observer{Out: t.Out, Err: t.Err, Notice: t.print, Progress: t.show}
	if t.In != nil {
		o.In = t.In
	}
	return o
}

// print prints a line as the system's command does.
func (t *Tool) print(n Notice) { t.printLine(n.Line) }

func (t *Tool) printLine(l Line) {
	to := t.Err
	if l.Form == Output {
		to = t.Out
	}
	fmt.Fprintln(to, l.In(t.Prog, t.on.Name))
}

// say is a diagnostic of the command line.
func (t *Tool) say(format string, args ...any) { t.printLine(plain(format, args...)) }

// complain is getopt's diagnostic.
func (t *Tool) complain(text string) { t.printLine(named("%s", text)) }

// report prints why a verb failed, nil for one that didn't, and returns the exit
// status.
func (t *Tool) report(err error) int {
	if err == nil {
		return ExitOK
	}
	var failed *Error
	if !errors.As(err, &failed) {
		t.say("%v", err)
		return ExitFailed
	}
	for _, line := range failed.Lines {
		t.printLine(line)
	}
	if failed.Usage {
		t.usageOf(string(failed.Verb))
	}
	return failed.Status
}

// outlast keeps this process from being ended by a signal while a hook runs. One from
// the terminal reaches the hook too, whose end says what becomes of the zone.
func outlast() (done func()) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	return func() { signal.Stop(caught) }
}

// interruptible is the context of a verb that cleans up when it is interrupted.
func interruptible() (ctx context.Context, stop func()) {
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
}
