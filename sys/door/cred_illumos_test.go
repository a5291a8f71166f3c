package door_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/priv"
)

// caller is the name of a child that drops a privilege and calls the door of its argument. It
// prints the reply.
const caller = "calls"

func init() {
	if len(os.Args) != 3 || os.Args[0] != caller {
		return
	}
	err := priv.Change(priv.Off, priv.Effective, priv.Of(os.Args[2]))
	if err == nil {
		var c *door.Conn
		if c, err = door.Dial(os.Args[1]); err == nil {
			reply, _, callErr := c.Call([]byte("?"))
			fmt.Print(string(reply))
			err = callErr
		}
	}
	if err != nil {
		fmt.Print(err)
	}
	os.Exit(0)
}

// TestPrivileges: a server knows the privileges that its caller has in effect.
func TestPrivileges(t *testing.T) {
	testenv.Need(t, testenv.Embedded, testenv.Root)
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go s.Serve(func(c *door.Conn) {
		cred, err := c.Peer()
		if err != nil || cred.Privileges == nil {
			c.Send(fmt.Append(nil, "no privileges ", err))
			return
		}
		c.Send(fmt.Append(nil, cred.Privileges.Inverse().List()))
	})
	for _, name := range []string{"sys_config", "file_link_any"} {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		said, err := (&exec.Cmd{Path: self, Args: []string{caller, path, name}}).Output()
		if want := "[" + name + "]"; err != nil || string(said) != want {
			t.Errorf("the caller without %s lacks %s, %v", name, said, err)
		}
	}
}
