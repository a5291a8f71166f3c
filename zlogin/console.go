package zlogin

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/pty"
)

// console talks to the zone's console, which its zoneadmd serves; that is started
// if need be.
func (t *Tool) console(o *options) int {
	if err := t.Daemon.Start(o.zone); err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	conn, err := net.Dial("unix", filepath.Join(t.RunDir, o.zone+".console_sock"))
	if err != nil {
		t.sayOf("Could not connect to zone console", err)
		return ExitFailed
	}
	defer conn.Close()
	if err := identify(conn, o.disconnect); err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	if !o.quiet {
		fmt.Fprintf(t.Out, "[Connected to zone '%s' console]\n", o.zone)
	}
	var chars pty.Keys
	state, err := pty.ModeOf(t.In)
	if err == nil {
		chars = state.Keys()
		if _, err := pty.MakeRaw(t.In); err != nil {
			t.say("failed to set stdin pty to raw mode")
			return ExitFailed
		}
	}
	conversation{
		in: t.In, out: t.Out, zone: conn,
		escapes: newEscapes(o.escape, o.noEscape, chars.Interrupt, chars.Kill, chars.Suspend, chars.EOL, chars.EOF),
	}.run()
	if state != nil {
		state.Restore(t.In)
	}
	if !o.quiet {
		fmt.Fprintf(t.Out, "\n[Connection to zone '%s' console closed]\n", o.zone)
	}
	return ExitOK
}

// identify tells the console's server who wants it. The error is the diagnostic
// when somebody else has it.
func identify(conn io.ReadWriter, disconnect bool) error {
	flag := 0
	if disconnect {
		flag = 1
	}
	if _, err := fmt.Fprintf(conn, "IDENT %d %s %d\n", os.Getpid(), messages(), flag); err != nil {
		return fmt.Errorf("protocol error")
	}
	var answer strings.Builder
	one := make([]byte, 1)
	for answer.Len() < 64 {
		if n, err := conn.Read(one); n == 0 || err != nil || one[0] == '\n' {
			break
		}
		answer.WriteByte(one[0])
	}
	if answer.String() != "OK" {
		return fmt.Errorf("Console is already in use by process ID %s.", answer.String())
	}
	return nil
}

// messages is the caller's locale for messages.
func messages() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" && !strings.ContainsAny(value, " \n") {
			return value
		}
	}
	return "C"
}
