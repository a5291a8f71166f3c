package zones_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gozones/zones"
	"github.com/gozones/zones/internal/posix"
)

// TestCommand runs programs in a zone and checks their environment, output and status.
func TestCommand(t *testing.T) {
	t.Parallel()
	web := booted(newMachine(t), "web")
	command := func(script string) *zones.Cmd { return web.Command(t.Context(), "sh", "-c", script) }
	for _, test := range []struct {
		name   string
		cmd    *zones.Cmd
		change func(*zones.Cmd)
		out    string
		code   int
	}{
		{"a name is looked for in the zone's PATH", command("echo here"), nil, "here\n", 0},
		{"a path", web.Command(t.Context(), "/bin/sh", "-c", "echo $0", "zero"), nil, "zero\n", 0},
		{"the name of the program", command("echo $0"), func(c *zones.Cmd) { c.Args = []string{"other", "-c", "echo $0"} }, "other\n", 0},
		{"its exit status", command("exit 7"), nil, "", 7},
		{"an environment of a login", command("echo $HOME $LOGNAME $NOTHING"), nil, "/root root\n", 0},
		{"an environment of its own", command("echo $A$HOME"), func(c *zones.Cmd) { c.Env = []string{"A=a"} }, "a\n", 0},
		{"a directory", command("pwd"), func(c *zones.Cmd) { c.Dir = "/usr" }, "/usr\n", 0},
		{"input", command("cat"), func(c *zones.Cmd) { c.Stdin = strings.NewReader("text") }, "text", 0},
		{"input that it doesn't read", command("echo done"), func(c *zones.Cmd) { c.Stdin = strings.NewReader(strings.Repeat("x", 1<<20)) }, "done\n", 0},
		{"no input", command("cat; echo end"), nil, "end\n", 0},
		{"more than a pipe holds", command("head -c 300000 /dev/zero | tr '\\0' x"), nil, strings.Repeat("x", 300000), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change != nil {
				test.change(test.cmd)
			}
			out, err := test.cmd.Output()
			if string(out) != test.out {
				t.Errorf("it wrote %.80q, not %.80q", out, test.out)
			}
			var failed *zones.ExitError
			if test.code == 0 && err != nil || test.code != 0 && (!errors.As(err, &failed) || failed.ExitCode() != test.code) {
				t.Error(err)
			}
			if state := test.cmd.ProcessState; state.ExitCode() != test.code || state.Success() != (test.code == 0) || !state.Exited() || state.Pid() != test.cmd.Process.Pid {
				t.Errorf("%v", state)
			}
		})
	}
}

// TestStderr: the error of Output has what the program wrote to standard error, cut in
// the middle if it is long.
func TestStderr(t *testing.T) {
	t.Parallel()
	web := booted(newMachine(t), "web")
	_, err := web.Command(t.Context(), "sh", "-c", "echo first >&2; head -c 200000 /dev/zero >&2; echo last >&2; exit 1").Output()
	var failed *zones.ExitError
	if !errors.As(err, &failed) || !bytes.HasPrefix(failed.Stderr, []byte("first\n")) || !bytes.HasSuffix(failed.Stderr, []byte("last\n")) || len(failed.Stderr) > 70000 {
		t.Errorf("%v: %d bytes", err, len(failed.Stderr))
	}
	both, err := web.Command(t.Context(), "sh", "-c", "echo one; echo two >&2; echo three").CombinedOutput()
	if string(both) != "one\ntwo\nthree\n" || err != nil {
		t.Errorf("%q, %v", both, err)
	}
	var out, errs bytes.Buffer
	c := web.Command(t.Context(), "sh", "-c", "echo one; echo two >&2")
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil || out.String() != "one\n" || errs.String() != "two\n" {
		t.Errorf("%q, %q, %v", &out, &errs, err)
	}
}

// TestFileOfTheMachine: a program doesn't get a file of the host itself, and input
// that it hasn't read stays unread.
func TestFileOfTheMachine(t *testing.T) {
	t.Parallel()
	web := booted(newMachine(t), "web")
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("first line\nsecond line\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c := web.Command(t.Context(), "sh", "-c", "read -r line; echo $line; [ -p /dev/stdin ] && [ -p /dev/stdout ] && echo pipes")
	c.Stdin = file
	target, err := os.Create(path + ".out")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	c.Stdout = target
	if err := c.Run(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path + ".out"); string(text) != "first line\npipes\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// TestNotStarted: the reasons why a program isn't started.
func TestNotStarted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web := booted(m, "web")
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		cmd  *zones.Cmd
		user string
		kind error
	}{
		{"no such program", web.Command(t.Context(), "nosuch"), "", exec.ErrNotFound},
		{"no such path", web.Command(t.Context(), "/nosuch/program"), "", fs.ErrNotExist},
		{"a context that is done", web.Command(done, "true"), "", context.Canceled},
		{"a zone that doesn't run", installed(m, "db").Command(t.Context(), "true"), "", zones.ErrState},
	} {
		if err := test.cmd.Run(); !errors.Is(err, test.kind) {
			t.Errorf("%s: %v", test.name, err)
		}
		if err := test.cmd.Wait(); err == nil {
			t.Errorf("%s: it can be waited for", test.name)
		}
	}
	c := web.Command(t.Context(), "true")
	c.User = "nosuch"
	if err := c.Run(); err == nil || !strings.Contains(err.Error(), "unknown user 'nosuch' in zone web") {
		t.Errorf("an unknown user: %v", err)
	}
	c = web.Command(t.Context(), "true")
	if err := errors.Join(c.Run()); err != nil {
		t.Error(err)
	}
	if c.Start() == nil || c.Wait() == nil {
		t.Error("a command can be used twice")
	}
	if _, err := c.StdoutPipe(); err == nil {
		t.Error("a pipe of a program that has ended")
	}
}

// TestPipes exchanges data with a running program, and signals it.
func TestPipes(t *testing.T) {
	t.Parallel()
	web := booted(newMachine(t), "web")
	c := web.Command(t.Context(), "sh", "-c", "trap 'echo caught; exit 4' USR1; while read -r line; do echo got $line >&2; done; echo end; while :; do sleep 1; done")
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	errs, err3 := c.StderrPipe()
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if _, err := c.StdoutPipe(); err == nil {
		t.Error("two pipes for one output")
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(in, "a\n")
	if line, err := bufio.NewReader(errs).ReadString('\n'); line != "got a\n" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
	in.Close()
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "end\n" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
	if err := c.Process.Signal(posix.SIGUSR1); err != nil {
		t.Error(err)
	}
	if line, err := lines.ReadString('\n'); line != "caught\n" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
	var failed *zones.ExitError
	if err := c.Wait(); !errors.As(err, &failed) || failed.ExitCode() != 4 {
		t.Error(err)
	}
}

// TestCancel kills programs through their context.
func TestCancel(t *testing.T) {
	t.Parallel()
	web := booted(newMachine(t), "web")
	start := func(script string, change func(*zones.Cmd)) (c *zones.Cmd, cancel func()) {
		ctx, cancel := context.WithCancel(t.Context())
		c = web.Command(ctx, "sh", "-c", script)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(c)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "up\n" || err != nil {
			t.Errorf("%q, %v", line, err)
		}
		return c, cancel
	}
	c, cancel := start("echo up; sleep 60", nil)
	cancel()
	if err := c.Wait(); !errors.Is(err, context.Canceled) || err.Error() != "signal: killed" || c.ProcessState.ExitCode() != -1 {
		t.Errorf("killed: %v, %v", err, c.ProcessState)
	}
	c, cancel = start("trap 'exit 0' TERM; echo up; sleep 60 & wait", nil)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	cancel()
	if err := c.Wait(); !errors.Is(err, context.Canceled) || !c.ProcessState.Success() {
		t.Errorf("asked to end, and ended well: %v, %v", err, c.ProcessState)
	}
	c, cancel = start("trap 'exit 0' TERM; echo up; sleep 60 & wait", nil)
	c.Cancel = func() error { c.Process.Signal(syscall.SIGTERM); return os.ErrProcessDone }
	cancel()
	if err := c.Wait(); err != nil {
		t.Errorf("with a Cancel that says it doesn't matter: %v", err)
	}
	c, cancel = start("trap '' TERM; echo up; while :; do sleep 1; done", func(c *zones.Cmd) { c.WaitDelay = 50 * time.Millisecond })
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	cancel()
	if err := c.Wait(); !errors.Is(err, context.Canceled) || err.Error() != "signal: killed" {
		t.Errorf("asked to end, and didn't: %v", err)
	}
}

// TestLeftBehind: Wait blocks while another process holds a program's output open,
// unless WaitDelay limits it.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	web := booted(newMachine(t), "web")
	var out bytes.Buffer
	c := web.Command(t.Context(), "sh", "-c", "sleep 60 & echo $!")
	c.Stdout, c.WaitDelay = &out, 20*time.Millisecond
	if err := c.Run(); !errors.Is(err, exec.ErrWaitDelay) {
		t.Error(err)
	}
	if err := c.Process.Kill(); err != nil { // the remaining process is in its process group
		t.Error(err)
	}
}

// TestPty: a program gets a terminal.
func TestPty(t *testing.T) {
	t.Parallel()
	web := booted(newMachine(t), "web")
	var out bytes.Buffer
	c := web.Command(t.Context(), "sh", "-c", "tty >/dev/null && echo a terminal; read -r line; echo got $line")
	c.Pty, c.Stdin, c.Stdout = true, strings.NewReader("text\n"), &out
	if err := c.Run(); err != nil {
		t.Error(err)
	}
	lines := strings.Fields(strings.ReplaceAll(out.String(), "\r\n", " "))
	if !slices.Contains(lines, "terminal") || !strings.Contains(out.String(), "got text\r\n") {
		t.Errorf("%q", &out)
	}
	if _, err := c.Terminal.Write(nil); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("the terminal after Wait: %v", err)
	}
	c = web.Command(t.Context(), "true")
	c.Pty, c.Stderr = true, &out
	if err := c.Run(); err == nil {
		t.Error("a terminal together with a standard error")
	}
}
