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

// client is somebody at the console.
type client struct {
	conn       net.Conn
	in         io.Reader // what comes after the first line
	pid        string
	locale     string
	disconnect bool // when the zone halts or can't boot
}

const (
	identMax = 1024 + 64 // bytes of the first line
	identTag = "IDENT "
	// patience is how long a client may take to say who it is, and to take a notice.
	patience = 10 * time.Second
)

// readIdent reads the line with which a client begins.
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

// ident takes "IDENT <pid> <locale> <flag>" apart: the last character is the flag,
// what stands between is the locale, blanks in it included.
func (c *client) ident(line string) error {
	rest, ok := strings.CutPrefix(line, identTag)
	if !ok {
		return errors.New("a console client begins with " + identTag)
	}
	pid, rest, ok := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if _, err := strconv.ParseInt(pid, 10, 64); err != nil {
		return fmt.Errorf("%q is no process id", pid)
	}
	rest = strings.TrimLeft(rest, " ")
	if !ok || rest == "" {
		return errors.New("a console client says its locale and whether it leaves with the zone")
	}
	c.pid, c.disconnect = pid, rest[len(rest)-1] == '1'
	if len(rest) > 2 {
		c.locale = rest[:len(rest)-2]
	}
	return nil
}

// write is a client's output; one that is gone is found out by its reader.
func (c *client) write(p []byte) { c.conn.Write(p) }

// tell writes something to a client, which has its time to take it.
func (c *client) tell(text string) error {
	c.conn.SetWriteDeadline(time.Now().Add(patience))
	defer c.conn.SetWriteDeadline(time.Time{})
	_, err := io.WriteString(c.conn, text)
	return err
}

// notice shows a line about the zone. A client that takes nothing is let go: the
// daemon has more to do than to wait for it.
func (c *client) notice(text string) {
	if c.tell("\r\n["+text+"]\r\n") != nil {
		c.conn.Close()
	}
}

// refuse tells a client who is at the console.
func (c *client) refuse(pid string) {
	c.tell(pid + "\n")
	c.conn.Close()
}
