package zlogin

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/sys/pty"
)

// ConsoleSocket is where a zone's zoneadmd serves its console.
func ConsoleSocket(runDir, zone string) string {
	return filepath.Join(runDir, zone+".console_sock")
}

// startDaemon starts the zone's zoneadmd if none answers.
func (l *Login) startDaemon(name string) error {
	return zoneadm.NewDoors(l.RunDir, l.Err).Start(name)
}

// console connects the user to the zone's console until either side closes it.
func (l *Login) console(t *target, o *Options) error {
	if l.StartDaemon != nil {
		if err := l.StartDaemon(t.name); err != nil {
			return refused(err.Error())
		}
	}
	conn, err := dialConsole(ConsoleSocket(l.RunDir, t.name))
	if err != nil {
		return failed("Could not connect to zone console", err)
	}
	defer conn.Close()
	if err := identify(conn, os.Getpid(), locale(os.Getenv), o.Disconnect); err != nil {
		return err
	}
	if !o.Quiet {
		fmt.Fprintf(l.Out, "[Connected to zone '%s' console]\n", t.name)
	}
	mode, err := pty.MakeRaw(l.In)
	if err != nil {
		return refused("failed to set stdin pty to raw mode")
	}
	defer restoreOnSignal(l.In, mode)()
	talking := &talk{Scanner: Scanner{Escape: o.Escape, Keys: mode.Keys()}, in: l.In, out: l.Out, zone: conn}
	talking.run()
	mode.Restore(l.In)
	if !o.Quiet {
		fmt.Fprintf(l.Out, "\n[Connection to zone '%s' console closed]\n", t.name)
	}
	return nil
}

// identify names the caller to the console's server and waits for its permission. Errors
// are of type *[Error].
func identify(conn io.ReadWriter, pid int, locale string, disconnect bool) error {
	last := 0
	if disconnect {
		last = 1
	}
	line := fmt.Sprintf("IDENT %d %s %d\n", pid, locale, last)
	if n, err := io.WriteString(conn, line); err != nil || n != len(line) {
		return refused("protocol error")
	}
	answer := readLine(conn)
	if answer == "OK" {
		return nil
	}
	return refused("Console is already in use by process ID " + answer + ".")
}

// longestAnswer is longer than any process id.
const longestAnswer = 64

// readLine reads up to the end of a line and not a byte further: the console's output
// follows it.
func readLine(r io.Reader) string {
	var line strings.Builder
	for one := make([]byte, 1); line.Len() < longestAnswer; {
		if n, err := r.Read(one); n == 0 || err != nil || one[0] == '\n' {
			break
		}
		line.WriteByte(one[0])
	}
	return line.String()
}

// locale is the caller's locale for messages, as one word.
func locale(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		if strings.ContainsAny(value, " \t\r\n") {
			break
		}
		return value
	}
	return "C"
}

// longestSocket is the longest path of a socket that every system here accepts.
const longestSocket = 103

// dialConsole connects to a socket. If its path is too long for an address, it goes
// through a descriptor of the socket's directory.
func dialConsole(path string) (*net.UnixConn, error) {
	if len(path) > longestSocket {
		dir, err := os.Open(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		path = fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
	}
	return net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
}
