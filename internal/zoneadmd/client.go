package zoneadmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// client is a connected console client.
type client struct {
	conn       net.Conn
	in         io.Reader // the input after the first line
	pid        string
	locale     string
	disconnect bool // when the zone halts or can't boot
}

const (
	identMax = 1024 + 64 // bytes of the first line
	identTag = "IDENT "
	// patience is how long a client may take to identify itself, and to receive a
	// notice.
	patience = 10 * time.Second
)

// readIdent reads the line by which a client identifies itself.
func readIdent(conn net.Conn) (*client, error) {
	conn.SetReadDeadline(time.Now().Add(patience))
	in := bufio.NewReaderSize(conn, identMax)
	raw, err := in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, in: in}
	if err := c.ident(string(raw[:len(raw)-1])); err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Time{})
	return c, nil
}

// ident parses "IDENT <pid> <locale> <flag>". The last character is the flag;
// everything between pid and flag is the locale, including blanks.
func (c *client) ident(line string) error {
	rest, ok := strings.CutPrefix(line, identTag)
	if !ok {
		return errors.New("a console client must begin with " + identTag)
	}
	pid, rest, ok := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if _, err := strconv.ParseInt(pid, 10, 64); err != nil {
		return fmt.Errorf("%q is not a process id", pid)
	}
	rest = strings.TrimLeft(rest, " ")
	if !ok || rest == "" {
		return errors.New("a console client must send its locale and its disconnect flag")
	}
	c.pid, c.disconnect = pid, rest[len(rest)-1] == '1'
	if len(rest) > 2 {
		c.locale = rest[:len(rest)-2]
	}
	return nil
}

// write sends output to the client. A closed connection is detected by its reader.
func (c *client) write(p []byte) { _, _ = c.conn.Write(p) }

// tell sends text to a client, and fails after the timeout.
func (c *client) tell(text string) error {
	c.conn.SetWriteDeadline(time.Now().Add(patience))
	defer c.conn.SetWriteDeadline(time.Time{})
	_, err := io.WriteString(c.conn, text)
	return err
}

// notice sends a line about the zone. A client that doesn't receive it in time is
// disconnected, so that it can't block the daemon.
func (c *client) notice(text string) {
	if c.tell("\r\n["+text+"]\r\n") != nil {
		c.conn.Close()
	}
}

// refuse sends the process ID of the client that has the console.
func (c *client) refuse(pid string) {
	_ = c.tell(pid + "\n")
	c.conn.Close()
}
