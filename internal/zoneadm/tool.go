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

	"github.com/gozones/zones/internal/posix"
	"golang.org/x/term"

	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/visible"
	"github.com/gozones/zones/sys/zone"
)

// Exit statuses of zoneadm(8).
const (
	ExitOK      = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitSysboot = 40 // the brand's sysboot hook failed
)

// Tool is the command line of zoneadm(8). [Tool.Run] parses it, calls the verb and prints
// what the system's command prints.
type Tool struct {
	*Machine
	Prog string // the command's name in messages
	Dir  string // directory of relative paths

	Fields string // $ZONES_LIST_FIELDS: how many fields list -p prints; "" is 7, as illumos

	In       *os.File // nil for no input
	Terminal bool     // In is a terminal
	Out, Err io.Writer
	Watched  bool // Err is a terminal, on which progress is shown

	// Connect opens the kernel, when it is needed and Machine has none. Help and list, for
	// example, don't start a kernel.
	Connect func() (zone.Kernel, error)

	// Running opens the kernel only if there is one to open, for list and for completion.
	// It may be nil.
	Running func() (zone.Kernel, error)

	on      *Target      // the zone of -z or -u; its name is "" if there is none
	word    string       // the subcommand, which may be unknown
	json    bool         // --json
	dry     bool         // --dry-run
	meter   *meter       // shows the current step; nil if there is none
	process func() error // prepares this process; may be nil
	kernel  zone.Kernel  // opened by Connect; may be nil
}

// NewTool returns the command line of this process. The caller closes it.
func NewTool() *Tool {
	t := &Tool{
		Machine: here(),
		Prog:    filepath.Base(strings.TrimRight(os.Args[0], "/")),
		In:      os.Stdin, Terminal: term.IsTerminal(int(os.Stdin.Fd())),
		Out: os.Stdout, Err: os.Stderr, Watched: term.IsTerminal(int(os.Stderr.Fd())),
		Connect: machine.Open, Running: machine.Running,
		Fields: os.Getenv("ZONES_LIST_FIELDS"),
	}
	t.Store.Warn = t.ignored
	t.process = func() (err error) {
		// A hangup must not interrupt a verb. The daemons that this process starts must
		// not keep the current directory in use.
		signal.Ignore(syscall.SIGHUP)
		if t.Dir, err = os.Getwd(); err != nil {
			t.Dir = "/"
		}
		if err := posix.Umask(0o022); err != nil {
			return err
		}
		return os.Chdir("/")
	}
	return t
}

// connect opens the kernel, unless it is open. It prints the error and returns false if
// that fails. A subcommand that only looks starts no kernel process.
func (t *Tool) connect(looks bool) bool {
	if t.Kernel != nil {
		return true
	}
	defer trace.Begin(trace.Step, "connect to the kernel")()
	open := t.Connect
	if looks && t.Running != nil {
		open = t.Running
	}
	k, err := open()
	if looks && (errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED)) {
		t.Idle, t.Caller.Global = true, true
		return true
	}
	if err == nil {
		t.kernel = k
		err = t.join(k)
	}
	if err != nil {
		t.say("%v", err)
	}
	return err == nil
}

// Close closes the kernel that Connect has opened.
func (t *Tool) Close() error {
	if t.kernel == nil {
		return nil
	}
	k := t.kernel
	t.kernel, t.Kernel = nil, nil
	return k.Close()
}

// observer returns an observer that prints.
func (t *Tool) observer() Observer {
	o := Observer{Out: t.Out, Err: t.Err, Notice: t.print, Progress: t.show}
	if out, ok := t.Out.(*written); ok {
		o.Out = out.to // passed to hooks, which may want the terminal itself
	}
	if t.In != nil {
		o.In = t.In
	}
	return o
}

// written keeps the first error of a writer.
type written struct {
	to  io.Writer
	err error
}

func (w *written) Write(text []byte) (int, error) {
	n, err := w.to.Write(text)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// print prints a notice.
func (t *Tool) print(n Notice) { t.printLine(n.Line) }

func (t *Tool) printLine(l Line) {
	to := t.Err
	if l.Form == Output {
		to = t.Out
	}
	fmt.Fprintln(to, visible.Text(l.In(t.Prog, t.on.Name))) // zones choose names in it
}

// say prints a message about the zone.
func (t *Tool) say(format string, args ...any) { t.printLine(plain(format, args...)) }

// complain prints a message of getopt.
func (t *Tool) complain(text string) { t.printLine(named("%s", text)) }

// report prints the error of a verb, which may be nil, and returns the exit status.
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

// outlast catches signals while a hook runs. The hook gets the signals of the terminal, too,
// and its exit status decides on the state of the zone.
func outlast() (done func()) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	return func() { signal.Stop(caught) }
}

// interruptible returns the context of a verb that cleans up when it is interrupted.
func interruptible() (ctx context.Context, stop func()) {
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
}
