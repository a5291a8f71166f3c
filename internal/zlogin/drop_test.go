package zlogin

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/priv"
)

// dropper is the name of a child that drops its privileges and prints those that it has left.
const dropper = "drops"

func init() {
	if len(os.Args) != 2 || os.Args[0] != dropper {
		return
	}
	l := Login{Drop: os.Args[1] != "none"}
	l.Err = os.Stdout
	keep := keepForPipes
	if os.Args[1] == "interactive" {
		keep = keepForInteractive
	}
	l.dropPrivileges(keep)
	for _, which := range []priv.Which{priv.Permitted, priv.Limit, priv.Inheritable} {
		set, err := priv.Own(which)
		if err != nil {
			fmt.Println(err)
		}
		io.WriteString(os.Stdout, strings.Join(set.List(), ",")+"\n")
	}
	os.Exit(0)
}

// TestDrop: a session has the privileges left that zlogin(1) keeps, and no others.
func TestDrop(t *testing.T) {
	testenv.Need(t, testenv.System("illumos"), testenv.Root)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		keep priv.Set
	}{{"pipes", keepForPipes}, {"interactive", keepForInteractive}} {
		t.Run(test.name, func(t *testing.T) {
			said, err := (&exec.Cmd{Path: self, Args: []string{dropper, test.name}}).Output()
			line := strings.Join(test.keep.List(), ",") + "\n"
			if want := strings.Repeat(line, 3); err != nil || string(said) != want {
				t.Errorf("%v, left are\n%s, not\n%s", err, said, want)
			}
		})
	}
	whole, err := (&exec.Cmd{Path: self, Args: []string{dropper, "none"}}).Output()
	if err != nil || !strings.Contains(string(whole), "sys_mount") {
		t.Errorf("a login that drops nothing has %s, %v", whole, err)
	}
}
