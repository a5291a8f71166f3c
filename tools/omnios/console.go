package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// console is the serial console of the guest: a writer that keeps everything in a file and
// in memory, and that can be waited on.
type console struct {
	file *os.File
	keys io.Writer // what is typed

	mu   sync.Mutex
	text []byte
	read int           // text before this, without escapes, was matched by expect
	news chan struct{} // closed when text grows
}

func newConsole(path string) (*console, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &console{file: file, news: make(chan struct{})}, nil
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.text = append(c.text, p...)
	close(c.news)
	c.news = make(chan struct{})
	c.mu.Unlock()
	return c.file.Write(p)
}

// tail returns the last bytes, from the start of a line, without what a terminal would
// obey: the guest must not command ours.
func (c *console) tail(most int) string {
	c.mu.Lock()
	text := string(c.text)
	c.mu.Unlock()
	if cut := len(text) - most; cut > 0 {
		text = text[cut:]
		if _, rest, found := strings.Cut(text, "\n"); found {
			text = rest
		}
	}
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || r == 0x7f {
			return -1
		}
		return r
	}, escapes.ReplaceAllString(text, ""))
}

// escapes are what commands a terminal; the last may be incomplete.
var escapes = regexp.MustCompile(`\x1b(\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_]|[()][A-Z0-9]|\[?[0-9;?]*$)`)

// expect waits until the guest prints something that matches, after what earlier calls
// matched, and returns it. If again isn't nil, an empty line is typed whenever it ticks.
func (c *console) expect(ctx context.Context, pattern *regexp.Regexp, gone <-chan struct{}, again <-chan time.Time) (string, error) {
	for {
		c.mu.Lock()
		// Prompts have colours, and shells ask where the cursor is.
		rest, news := escapes.ReplaceAll(c.text, nil)[c.read:], c.news
		if at := pattern.FindIndex(rest); at != nil {
			found := string(rest[at[0]:at[1]])
			c.read += at[1]
			c.mu.Unlock()
			return found, nil
		}
		c.mu.Unlock()
		select {
		case <-news:
		case <-again:
			if err := c.enter(""); err != nil {
				return "", err
			}
		case <-gone:
			return "", fmt.Errorf("the guest ended before its console had %q", pattern)
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// enter types a line. A guest that has ended can't read it: what is waited for next tells that.
func (c *console) enter(line string) error {
	_, err := io.WriteString(c.keys, line+"\r")
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// What is waited for on the console.
var (
	loginPrompt = regexp.MustCompile(`login: ?`)
	afterName   = regexp.MustCompile(`(?m)Password: ?|[#$>] ?$`)
	shellPrompt = regexp.MustCompile(`(?m)Login incorrect|[#$>] ?$`)
	keyIsIn     = regexp.MustCompile(`zones-key-42`)
)

// logIn logs in on the console and lets the key in.
func (c *console) logIn(ctx context.Context, user, password, key string, gone <-chan struct{}) error {
	// Messages of the kernel and of services tear prompts apart, but an empty line makes
	// another. It must not be typed where a password is asked for.
	again := time.NewTicker(10 * time.Second)
	defer again.Stop()
	if err := c.enter(""); err != nil {
		return err
	}
	if _, err := c.expect(ctx, loginPrompt, gone, again.C); err != nil {
		return fmt.Errorf("waiting for a login prompt: %w", err)
	}
	if err := c.enter(user); err != nil {
		return err
	}
	prompt, err := c.expect(ctx, afterName, gone, nil)
	if err != nil {
		return fmt.Errorf("waiting for a password prompt or a shell: %w", err)
	}
	if strings.HasPrefix(prompt, "Password") {
		if err := c.enter(password); err != nil {
			return err
		}
		if prompt, err = c.expect(ctx, shellPrompt, gone, again.C); err != nil {
			return fmt.Errorf("waiting for a shell: %w", err)
		}
		if strings.HasPrefix(prompt, "Login") {
			return fmt.Errorf("the console refuses %s with this password: give -password", user)
		}
	}
	// A shell for itself, so that neither the prompt nor the user's own shell matters.
	for _, line := range append([]string{"exec sh", "stty -echo"}, letIn(key)...) {
		if err := c.enter(line); err != nil {
			return err
		}
	}
	if err := c.enter("echo zones-key-$((40 + 2))"); err != nil {
		return err
	}
	if _, err := c.expect(ctx, keyIsIn, gone, nil); err != nil {
		return fmt.Errorf("installing a key from the console: %w", err)
	}
	return nil
}

// letIn are shell commands which let a key in, and start the network and ssh where they
// aren't. illumos keeps root out of ssh by default.
func letIn(key string) []string {
	return []string{
		"mkdir -p ~/.ssh && chmod 700 ~/.ssh",
		"echo '" + key + "' >>~/.ssh/authorized_keys && chmod 600 ~/.ssh/authorized_keys",
		"c=/etc/ssh/sshd_config; [ ! -f $c ] || { sed 's/^ *PermitRootLogin.*/PermitRootLogin yes/' $c >$c.new && cat $c.new >$c; }",
		"[ ! -x /usr/sbin/ipadm ] || for l in `dladm show-link -p -o link`; do ipadm show-if $l >/dev/null 2>&1 || { ipadm create-if $l; ipadm create-addr -T dhcp $l/v4; }; done",
		"[ ! -x /usr/sbin/svcadm ] || { svcadm enable network/ssh; svcadm restart network/ssh; }",
	}
}
