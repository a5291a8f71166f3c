package zoneadmd

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

// TestStartPrivileges: a daemon starts with all privileges, or where the system has none.
func TestStartPrivileges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		set  priv.Set
		err  error
		want string
	}{
		{"all", priv.Full(), nil, ""},
		{"one less", priv.Full().Without("sys_time"), nil, noPrivilege},
		{"no privileges in the system", priv.Set{}, errno.ENOTSUP, ""},
		{"unknown", priv.Set{}, errno.EINVAL, "getppriv failed: Invalid argument"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newStage(t, "installed", "", "").config("z1")
			c.Privileges = func() (priv.Set, error) { return test.set, test.err }
			d, err := Start(c)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				d.events.put(event{kind: eventKernelGone})
				d.Run()
				return
			}
			var refused *CheckError
			if !errors.As(err, &refused) || refused.Text != test.want {
				t.Errorf("%v, not %s", err, test.want)
			}
		})
	}
}

// underprivileged is the name of a child that drops a privilege and starts a daemon.
const underprivileged = "lacks"

func init() {
	if len(os.Args) != 1 || os.Args[0] != underprivileged {
		return
	}
	if err := priv.Change(priv.Off, priv.Effective, priv.Of("sys_time")); err != nil {
		panic(err)
	}
	os.Exit(Main("z1", 3, -1, false))
}

// TestMainPrivileges: a daemon of illumos looks at its own privileges.
func TestMainPrivileges(t *testing.T) {
	if _, err := priv.Own(priv.Effective); errors.Is(err, errno.ENOTSUP) {
		return // a system without privilege sets, such as Linux
	}
	testenv.Need(t, testenv.Embedded, testenv.Root)
	s := newStage(t, "installed", "", "")
	// The program itself knows this brand: it has no other directory for those of a test.
	s.write(s.root+"/etc/zones/z1.xml", `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="z1" zonepath="/z/z1" autoboot="false" brand="sparse"/>
`, 0o644)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	told, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	child := &exec.Cmd{Path: self, Args: []string{underprivileged}, Env: append(os.Environ(), "ZONES_ROOT="+s.root), ExtraFiles: []*os.File{tell}}
	err = child.Start()
	tell.Close()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(told)
	if want := "\x01" + noPrivilege + "\n"; err != nil || string(text) != want {
		t.Errorf("it told %q, %v", text, err)
		child.Process.Kill() // it may serve
	}
	if child.Wait() == nil {
		t.Error("it ended as if it had served")
	}
}
