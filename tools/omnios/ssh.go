package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// session is how commands are run on the guest.
type session struct {
	key, user string
	port      int
}

// lockedText is text that one goroutine writes and others read.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// makeKey makes a key pair for one run.
func makeKey(ctx context.Context, dir string) (private, public string, err error) {
	private = filepath.Join(dir, "key")
	if out, err := exec.CommandContext(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "zones-omnios", "-f", private).CombinedOutput(); err != nil {
		return "", "", fmt.Errorf("ssh-keygen: %w: %s", err, out)
	}
	text, err := os.ReadFile(private + ".pub")
	return private, strings.TrimSpace(string(text)), err
}

// asRoot wraps a command of sh so that it runs as root.
func (s *session) asRoot(command string) string {
	if s.user == "root" {
		return command
	}
	quoted := "'" + strings.ReplaceAll(command, "'", `'\''`) + "'"
	return "if command -v sudo >/dev/null 2>&1; then exec sudo -n sh -c " + quoted + "; else exec pfexec sh -c " + quoted + "; fi"
}

// run runs a command on the guest. Its standard error goes to out, too.
func (s *session) run(ctx context.Context, command string, in io.Reader, out io.Writer) error {
	c := exec.CommandContext(ctx, "ssh",
		// The caller's own settings and keys must not matter.
		"-F", "/dev/null", "-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes", "-i", s.key,
		"-o", "BatchMode=yes", "-o", "LogLevel=ERROR",
		// The guest made its host key just now, behind a port of this machine.
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		// A guest that hangs is noticed after a minute.
		"-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4",
		"-p", strconv.Itoa(s.port), s.user+"@127.0.0.1", command)
	var errs lockedText
	both := &lockedWriter{to: out}
	c.Stdin, c.Stdout, c.Stderr = in, both, io.MultiWriter(both, &errs)
	c.WaitDelay = 5 * time.Second
	err := c.Run()
	if err == nil {
		return nil
	}
	text := strings.TrimSpace(errs.String())
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	return fmt.Errorf("ssh: %w: %s", err, text)
}

// lockedWriter is a writer for the two streams of a command.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

// wait returns once ssh lets us in.
func (s *session) wait(ctx context.Context, gone <-chan struct{}, log io.Writer) error {
	// Nothing reports that a server in the guest listens, so this asks again and again.
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	said := ""
	for {
		err := s.banner()
		if err == nil {
			if err = s.run(ctx, "true", nil, io.Discard); err == nil {
				return nil
			}
		}
		if err.Error() != said {
			said = err.Error()
			fmt.Fprintf(log, "not yet: %s\n", said)
		}
		select {
		case <-again.C:
		case <-gone:
			return errors.New("the guest ended before ssh answered")
		case <-ctx.Done():
			return fmt.Errorf("ssh doesn't let us in, %s: %w", said, context.Cause(ctx))
		}
	}
}

// banner connects and reads the server's first line. QEMU accepts connections for a guest
// that doesn't, so connecting proves nothing.
func (s *session) banner() error {
	c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), 10*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return errors.New("no ssh server answers")
	}
	if !strings.HasPrefix(line, "SSH-") {
		return fmt.Errorf("the server says %q, which isn't ssh", line)
	}
	return nil
}
