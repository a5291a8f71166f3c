package door_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
)

var usual faults.Fault

// TestFaults: each call that fails is the error of the function that made it.
func TestFaults(t *testing.T) {
	faults.Need(t)
	path := filepath.Join(t.TempDir(), "door")
	echo(t, path)
	c := dial(t, path)
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, do := range map[string]func() error{
		"info": func() error { _, err := c.Info(); return err },
		"max":  func() error { _, _, err := c.MaxRequest(); return err },
		"call": func() error { _, _, err := c.Call([]byte("?")); return err },
		"file": func() error {
			_, files, err := c.Call([]byte("?"), f)
			for _, f := range files {
				f.Close()
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { faults.Fault{}.Noticed(t, do) })
	}
	ids := faults.Fault{Of: []string{"door_info", "ucred_get", "ucred_getpid", "ucred_geteuid", "ucred_getegid", "ucred_getzoneid", "getzoneid"}}
	ids.Noticed(t, func() error { _, err := c.Peer(); return err })
	if failed, err := (faults.Fault{Of: []string{"sigprocmask"}}).Do(t, func() error { _, _, err := c.Call([]byte("?")); return err }); failed == "" || !usual.Is(err) {
		t.Errorf("a call with a failure of %s: %v", failed, err)
	}
	dialing := func() error {
		c, err := door.Dial(path)
		if err == nil {
			c.Close()
		}
		return err
	}
	if failed, err := (faults.Fault{Of: []string{"open"}}).Do(t, dialing); failed == "" || !usual.Is(err) {
		t.Errorf("dialing with a failure of %s: %v", failed, err)
	}
	if failed, err := (faults.Fault{Of: []string{"door_info"}}).Do(t, dialing); failed == "" || !errors.Is(err, errno.ECONNREFUSED) {
		t.Errorf("dialing with a failure of %s: %v", failed, err)
	}
}

// TestServerFaults: what fails when a door is made leaves no file; what fails when it is
// closed is an error.
func TestServerFaults(t *testing.T) {
	faults.Need(t)
	path := filepath.Join(t.TempDir(), "door")
	listening := func() error {
		s, err := door.Listen(path, 0o600)
		if err == nil {
			err = s.Close()
		}
		if _, stat := os.Lstat(path); err != nil && stat == nil {
			t.Error("the file is there")
		}
		return err
	}
	if err := listening(); err != nil {
		t.Fatal(err)
	}
	// The first open looks for a server, the second makes the file.
	for _, f := range []faults.Fault{
		{Of: []string{"sigprocmask"}}, {Of: []string{"door_create"}}, {Of: []string{"open"}, Call: 2}, {Of: []string{"openat"}}, {Of: []string{"fchmod"}},
		{Of: []string{"fattach"}}, {Of: []string{"fdetach"}, Call: 2},
	} {
		failed, err := f.Do(t, listening)
		if failed == "" && (f.Of[0] == "openat" || f.Of[0] == "open") {
			continue // it is one of them
		}
		if failed == "" || !usual.Is(err) {
			t.Errorf("listening with a failure of %s: %v", f.Of, err)
		}
	}
	// A file that can't be removed can't be replaced.
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if failed, err := (faults.Fault{Of: []string{"unlink", "unlinkat"}}).Do(t, func() error { _, err := door.Listen(path, 0o600); return err }); failed == "" || err == nil {
		t.Errorf("listening with a failure of %q: %v", failed, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if failed, err := (faults.Fault{Of: []string{"door_revoke"}}).Do(t, listening); failed == "" || !usual.Is(err) {
		t.Errorf("closing with a failure of %s: %v", failed, err)
	}
}

// TestUnknownPeer: a caller is unknown when one of its ids is.
func TestUnknownPeer(t *testing.T) {
	faults.Need(t)
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := make(chan error, 1)
	go s.Serve(func(c *door.Conn) {
		cred, err := c.Peer()
		if err == nil && cred.Privileges == nil {
			err = errors.New("no privileges")
		}
		seen <- err
		c.Send(nil)
	})
	c := dial(t, path)
	peer := func() error {
		if _, _, err := c.Call([]byte("?")); err != nil {
			return err
		}
		return <-seen
	}
	if err := peer(); err != nil {
		t.Fatal(err)
	}
	for _, function := range []string{"ucred_getpid", "ucred_geteuid", "ucred_getegid", "ucred_getzoneid", "getzoneid"} {
		failed, err := faults.Fault{Of: []string{function}, Any: true}.Do(t, peer)
		if failed != function || !usual.Is(err) {
			t.Errorf("%s failed: %v", failed, err)
		}
	}
	for function, want := range map[string]string{"ucred_getprivset": "no privileges", "door_ucred": "door: unknown caller: Invalid argument"} {
		failed, err := faults.Fault{Of: []string{function}, Any: true}.Do(t, peer)
		if failed != function || err == nil || err.Error() != want {
			t.Errorf("%s failed: %v", failed, err)
		}
	}
}
