package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/zonecfg"
)

// typist types on a terminal of which every row is seen as a person sees it.
type typist struct {
	t      *testing.T
	tty    *os.File
	screen *emulator
	bytes  chan []byte
	status func() int
}

// typist starts the command on a terminal of a size.
func (s *system) typist(t *testing.T, columns, rows int, args ...string) *typist {
	t.Helper()
	c, tty := s.startOnTerminal(uint16(columns), uint16(rows), args...)
	m := &typist{t: t, tty: tty, screen: newEmulator(columns, rows), bytes: make(chan []byte, 1000)}
	go func() {
		defer close(m.bytes)
		for {
			buffer := make([]byte, 4096)
			n, err := tty.Read(buffer)
			if err != nil {
				return
			}
			m.bytes <- buffer[:n]
		}
	}()
	m.status = func() int {
		for text := range m.bytes {
			m.screen.write(text)
		}
		c.Wait()
		return c.ProcessState.ExitCode()
	}
	return m
}

// await waits until the last rows of the screen are the given ones.
func (m *typist) await(rows string) {
	m.t.Helper()
	late := time.After(30 * time.Second)
	for {
		seen := m.screen.String()
		if strings.HasSuffix("\n"+seen, "\n"+strings.TrimRight(rows, " ")+"\n") {
			return
		}
		select {
		case text, ok := <-m.bytes:
			if !ok {
				m.t.Fatalf("it has ended, and the screen doesn't end in %q:\n%s", rows, seen)
			}
			m.screen.write(text)
		case <-late:
			m.t.Fatalf("the screen doesn't end in %q:\n%s", rows, seen)
		}
	}
}

func (m *typist) keys(text string) {
	m.t.Helper()
	if _, err := m.tty.WriteString(text); err != nil {
		m.t.Fatal(err)
	}
}

// The first Tab completes what all candidates share and shows them, the next ones go
// through them; a key that edits accepts.
func TestEditorMenu(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	m := s.typist(t, 80, 24, "-z", "z1")
	m.await("zonecfg:z1> ")
	m.keys("set ip-type=\t")
	m.await("zonecfg:z1> set ip-type=\nexclusive  shared")
	m.keys("\t\t")
	m.await("zonecfg:z1> set ip-type=shared\nexclusive  shared")
	m.keys("\r")
	m.await("zonecfg:z1> ")
	m.keys("info ip-type; add cap\t")
	m.await("zonecfg:z1> info ip-type; add capped-\ncapped-cpu  capped-memory")
	m.keys("m\t")
	m.await("zonecfg:z1> info ip-type; add capped-memory")
	m.keys("\r")
	m.await("ip-type: shared\nzonecfg:z1:capped-memory> ")
	m.keys("nothing\t\x15cancel\r") // nothing completes that; Ctrl-U deletes the line
	m.await("zonecfg:z1> ")
	m.keys("\x04")
	if status := m.status(); status != 0 {
		t.Errorf("status %d on\n%s", status, m.screen)
	}
}

// Ctrl-C drops the line, also when the next one is typed already; Ctrl-D on an empty
// line ends the session, and in others deletes a character.
func TestEditorControlKeys(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	m := s.typist(t, 80, 24, "-z", "z1")
	m.await("zonecfg:z1> ")
	m.keys("set pool=dropped\x03set bootargs=-v\r")
	m.await("zonecfg:z1> set pool=dropped\nzonecfg:z1> set bootargs=-v\nzonecfg:z1> ")
	m.keys("set ip\t\x03info bootargs\r") // with the candidates on the screen
	m.await("bootargs: -v\nzonecfg:z1> ")
	m.keys("xinfo pool\x01\x04\r")
	m.await("zonecfg:z1> info pool\npool:\nzonecfg:z1> ")
	m.keys("add net\r")
	m.await("zonecfg:z1:net> ")
	m.keys("\x04")
	m.await("Resource incomplete; really quit (y/[n])? ")
	m.keys("\x03")
	m.await("Resource incomplete; really quit (y/[n])?\nResource incomplete; really quit (y/[n])? ")
	m.keys("y\r")
	m.await("Configuration not saved; really quit (y/[n])? ")
	m.keys("y\r")
	if status := m.status(); status != 1 {
		t.Errorf("status %d on\n%s", status, m.screen)
	}
}

// Values may have any character; those of several code points, of no width and of two
// columns too.
func TestEditorUnicode(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1; add attr; set name=comment; set type=string; set value=x; end")
	const value = "grün 世界 e\u0301 \U0001F468\u200D\U0001F469\u200D\U0001F467 Ω"
	m := s.typist(t, 80, 24, "-z", "z1")
	m.await("zonecfg:z1> ")
	m.keys("select attr name=co\t\r")
	m.await("zonecfg:z1:attr> ")
	m.keys(`set value="` + value + `世` + "\x7f" + `"` + "\r")
	m.await("zonecfg:z1:attr> ")
	m.keys("end\rexit\r")
	if status := m.status(); status != 0 {
		t.Errorf("status %d on\n%s", status, m.screen)
	}
	z, err := zonecfg.Open(s.root, s.run).Load("z1")
	if err != nil || z.Attr[0].Value != value {
		t.Errorf("%+q, %v; want %+q", z.Attr[0].Value, err, value)
	}
}

// On a narrow and low terminal a line that takes several rows is drawn as it is, also at
// the end of the screen, and the prompt is short if the usual one leaves no room.
func TestEditorNarrow(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	m := s.typist(t, 20, 8, "-z", "z1")
	m.await("> ")
	for range 8 {
		m.keys("info pool\r")
	}
	m.await("> info pool\npool:\n> info pool\npool:\n> ")
	m.keys("set bootargs=0123456789012345678901234567890123456789")
	m.await("> info pool\npool:\n> set bootargs=01234\n56789012345678901234\n567890123456789")
	m.keys("\x7f\x7f\x01# ")
	m.await("pool:\n> # set bootargs=012\n34567890123456789012\n345678901234567")
	m.keys("\x01\x04\x04\r")
	m.await("> ")
	m.keys("info bootargs\r")
	m.await("bootargs: 0123456789\n01234567890123456789\n01234567\n> ")
	m.keys("exit\r")
	if status := m.status(); status != 0 {
		t.Errorf("status %d on\n%s", status, m.screen)
	}
}

// Where lines can't be edited, they are read as the terminal has them.
func TestPlainTerminal(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"TERM=dumb", "TERM="} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			s.must("z1", "create; set zonepath=/zones/z1")
			s.env = []string{kind}
			var raw string
			s.raw = &raw
			screen, status := s.onTerminal([]string{"-z", "z1"}, "set pool=grün", "add net", "exit", "n", "cancel", "info pool", "exit")
			if status != 0 || strings.Contains(raw, "\x1b") {
				t.Errorf("status %d\n%q", status, raw)
			}
			shows(t, screen, "zonecfg:z1> set pool=grün\n", "zonecfg:z1:net> exit\nResource incomplete; really quit (y/[n])? n\n", "pool: grün\n")
			if _, err := os.Stat(filepath.Join(s.run, "zonecfg-go", "history")); err == nil {
				t.Error("there is a history")
			}
			screen, status = s.onTerminal([]string{"-z", "z1"}, "set pool=end", "\x04")
			if !strings.HasSuffix(screen, "\n") {
				t.Errorf("status %d\n%q", status, screen)
			}
		})
	}
}
