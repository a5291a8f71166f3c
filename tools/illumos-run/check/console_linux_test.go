//go:build linux && amd64

package check

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestConsole uses the console of a zone whose daemon is of the illumos build: a device of the
// driver zcons, which the daemon makes and removes.
func TestConsole(t *testing.T) {
	program := runner(t)
	m := newMachine(t)
	daemon := guest(t, "daemon")
	m.do("linux", "zonecfg-go", "-z", "web", "create -b; set zonepath="+filepath.Join(m.TempDir(), "web")+"; set brand=sparse")
	m.do("linux", "zoneadm-go", "-z", "web", "install")
	cmd := exec.Command(program, daemon, "web")
	cmd.Env = m.env
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "serves" {
		t.Error(lines.Text())
	}
	m.do("linux", "zoneadm-go", "-z", "web", "boot")
	u := m.user(t, "zlogin-go", "-C", "web")
	u.expect("[Connected to zone 'web' console]")
	// The zone's root directory has no /dev of illumos: a program of the global zone stands in.
	inside := exec.Command(program, guest(t, "console"), "web")
	inside.Env = m.env
	read, err := inside.StdoutPipe()
	if err == nil {
		err = inside.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	u.expect("from inside")
	u.enter("typed\r")
	said := bufio.NewScanner(read)
	if said.Scan(); said.Text() != "got typed" {
		t.Errorf("the program said %q", said.Text())
	}
	if err := inside.Wait(); err != nil {
		t.Error(err)
	}
	u.enter("~.")
	u.expect("closed]")
	if err := u.cmd.Wait(); err != nil {
		t.Error(err)
	}
	m.do("linux", "zoneadm-go", "-z", "web", "halt")
	for lines.Scan() {
		if strings.Contains(lines.Text(), "removing the console") {
			t.Error(lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	after := exec.Command(program, guest(t, "console"), "web")
	after.Env = m.env
	if said, err := after.CombinedOutput(); !strings.Contains(string(said), "no such file or directory") {
		t.Errorf("the console is left: %s, %v", said, err)
	}
}
