package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/zonecfg"
)

// tmux is a terminal with a person before it.
type tmux struct {
	t      *testing.T
	socket string
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// screen returns what is seen, without blanks at the ends.
func (m *tmux) screen() string { return strings.TrimRight(m.run("capture-pane", "-p"), "\n ") }

// await waits until the last lines of the screen are the given ones.
func (m *tmux) await(lines string) string {
	m.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		screen := m.screen()
		if strings.HasSuffix("\n"+screen, "\n"+strings.TrimRight(lines, " ")) {
			return screen
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("the screen doesn't end in %q:\n%s", lines, screen)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// keys types: words of more than a character may be names of keys.
func (m *tmux) keys(keys ...string) { m.run(append([]string{"send-keys"}, keys...)...) }

// line types a line.
func (m *tmux) line(text string) {
	m.run("send-keys", "-l", text)
	m.keys("Enter")
}

// A person makes a zone at the prompt, with completion, history, editing, ^C, a pager,
// and questions.
func TestTmux(t *testing.T) {
	testenv.Need(t, testenv.Long, testenv.Tool("tmux"))
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := newSystem(t)
	// A path of a socket is short: the test's own directory may be too deep.
	dir, err := os.MkdirTemp("", "zonecfg-tmux")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	m := &tmux{t, filepath.Join(dir, "socket")}
	server := exec.Command("tmux", "-S", m.socket, "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "50",
		"env", "ZONECFG_TEST_MAIN=1", "ZONES_ROOT="+s.root, "ZONES_RUN="+s.run, "XDG_STATE_HOME="+s.run, "PAGER=cat", "sh", "-c", self+" -z z1; echo status $?; read -r line")
	if out, err := server.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { exec.Command("tmux", "-S", m.socket, "kill-server").Run() })

	screen := m.await("zonecfg:z1> ")
	for _, want := range []string{"z1: No such zone configured", "Use 'create' to begin configuring a new zone."} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen doesn't greet with %q:\n%s", want, screen)
		}
	}
	m.line("create")
	m.await("zonecfg:z1> ")

	// Completion: of a property, of a resource, of a value.
	m.keys("-l", "set zonep")
	m.keys("Tab")
	m.await("zonecfg:z1> set zonepath=")
	m.line("/zones/z1")
	m.await("zonecfg:z1> ")
	m.keys("-l", "set ip-type=ex")
	m.keys("Tab")
	m.await("zonecfg:z1> set ip-type=exclusive")
	m.keys("Enter")
	m.await("zonecfg:z1> ")
	m.keys("-l", "add capped-m")
	m.keys("Tab")
	m.await("zonecfg:z1> add capped-memory")
	m.keys("Enter")

	// The prompt names the resource. ^C drops a line and nothing else.
	m.await("zonecfg:z1:capped-memory> ")
	m.keys("-l", "set phys")
	m.await("zonecfg:z1:capped-memory> set phys")
	m.keys("C-c")
	m.await("zonecfg:z1:capped-memory> ")
	m.line("set physical=1G")
	m.await("zonecfg:z1:capped-memory> ")
	m.line("end; info capped-memory")
	m.await("capped-memory:\n        physical: 1G\nzonecfg:z1> ")

	// History and editing: the line before last, its end changed.
	m.line("set pool=p1")
	m.await("zonecfg:z1> ")
	m.keys("Up")
	m.await("zonecfg:z1> set pool=p1")
	m.keys("BSpace", "2", "C-a", "C-e", "Enter")
	m.await("zonecfg:z1> set pool=p2\nzonecfg:z1> ")
	m.line("info pool")
	m.await("pool: p2\nzonecfg:z1> ")

	// Tab twice lists what there is.
	m.keys("-l", "co")
	m.keys("Tab", "Tab")
	m.await("zonecfg:z1> commit")
	m.keys("C-u")
	m.await("zonecfg:z1> ")

	// Leaving in the middle of a resource is asked about.
	m.line("add net")
	m.await("zonecfg:z1:net> ")
	m.line("exit")
	m.await("Resource incomplete; really quit (y/[n])? ")
	m.line("n")
	m.await("zonecfg:z1:net> ")
	m.line("set physical=net0; end")
	m.await("zonecfg:z1> ")
	m.line("exit")
	m.await("status 0")

	z, err := zonecfg.Open(s.root, s.run).Load("z1")
	if err != nil {
		t.Fatal(err)
	}
	if z.Pool != "p2" || !z.Exclusive() || len(z.Net) != 1 || z.CappedMemory == nil || z.CappedMemory.Physical != "1073741824" {
		t.Errorf("another zone was made: %+v", z)
	}
}
