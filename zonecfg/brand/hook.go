package brand

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Subst is what stands for the letters in the texts of a brand.
type Subst struct {
	Zone string // %z
	Path string // %R: the zonepath
	Here string // %Z: the zone of the program that is to run the command
	User string // %u
}

// In returns the text with what its %-pairs stand for. "%%" is a percent sign; an
// unknown pair vanishes, and so does a percent sign at the end.
func (s Subst) In(text string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "%")
		out.WriteString(before)
		if !found || after == "" {
			return out.String()
		}
		switch after[0] {
		case 'z':
			out.WriteString(s.Zone)
		case 'R':
			out.WriteString(s.Path)
		case 'Z':
			out.WriteString(s.Here)
		case 'u':
			out.WriteString(s.User)
		case '%':
			out.WriteByte('%')
		}
		text = after[1:]
	}
}

// Command returns the command of a hook with its substitutions, "" for none.
func (b *Brand) Command(h Hook, zone, zonepath string) string {
	return Subst{Zone: zone, Path: zonepath}.In(b.Hooks[h])
}

// What the exit status of a hook says; others mean that it failed.
const (
	ExitUsage = 253 // its arguments were wrong
	ExitClean = 254 // it failed and left nothing behind
	ExitFatal = 255
)

// Exit is how a hook ended.
type Exit struct {
	Code   int            // ExitFatal when a signal ended it or it couldn't be started
	Signal syscall.Signal // 0: none
}

// Run runs a command of a brand with its arguments through the shell and waits for
// it. nil for in, out and errs is /dev/null.
func Run(command, args string, in io.Reader, out, errs io.Writer) Exit {
	return Invocation{Command: command, Args: args, In: in, Out: out, Err: errs}.Run(context.Background())
}

// Invocation is a command of a brand that is to be run.
type Invocation struct {
	Command  string    // as [Brand.Command] returns it
	Args     string    // appended as they are
	In       io.Reader // nil: /dev/null, and so for the next two
	Out, Err io.Writer
	Env      []string // nil: this process's
}

// termTime is how long a command may take to exit after SIGTERM.
const termTime = 5 * time.Second

// Run runs the command through the shell and waits for it. When ctx is done first, the
// command gets SIGTERM.
func (i Invocation) Run(ctx context.Context) Exit {
	c := exec.CommandContext(ctx, "/bin/sh", "-c", "exec "+i.Command+i.Args)
	c.Dir = "/"
	c.Stdin, c.Stdout, c.Stderr = i.In, i.Out, i.Err
	c.Env = i.Env
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	if ctx.Done() != nil {
		c.WaitDelay = termTime
	}
	err := c.Run()
	if err == nil || errors.Is(err, exec.ErrWaitDelay) { // the latter: it left somebody with its output
		return Exit{}
	}
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		return Exit{Code: ExitFatal}
	}
	if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return Exit{Code: ExitFatal, Signal: status.Signal()}
	}
	return Exit{Code: failed.ExitCode()}
}
