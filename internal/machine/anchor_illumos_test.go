package machine

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/contract"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/zone"
)

// popper is the name of a child that opens a terminal, enters the zone of its argument and
// takes modules off the terminal until it is refused. It prints how many it took.
const popper = "pops"

var _ = func() bool {
	if len(os.Args) != 2 || os.Args[0] != popper {
		return true
	}
	id, _ := strconv.Atoi(os.Args[1])
	manager, name, err := pty.Open()
	if err == nil {
		defer manager.Close()
		var terminal *os.File
		if terminal, err = pty.OpenTerminal(name); err == nil {
			if err = enter(zone.ID(id)); err == nil {
				popped := 0
				const pop = 0x5303 // I_POP
				for ; err == nil; popped++ {
					err = unix.IoctlSetInt(int(terminal.Fd()), pop, 0)
				}
				fmt.Println("taken", popped-1, err)
				os.Exit(0)
			}
		}
	}
	fmt.Println(err)
	os.Exit(1)
	return true
}()

// TestAnchor: a zone can't take off the module that makes its stream a terminal, which the
// global zone has anchored.
func TestAnchor(t *testing.T) {
	needContracts(t)
	id := newZone(t, new(kernel), "pops", 0)
	var out strings.Builder
	cmd := &exec.Cmd{Path: "/proc/self/exe", Args: []string{popper, fmt.Sprint(id)}, Stdout: &out}
	if self, err := os.Executable(); err == nil {
		cmd.Path = self
	}
	made, err := contract.Terms{}.Start(cmd.Start)
	if err != nil {
		t.Fatal(err)
	}
	defer contract.Abandon(made)
	if err := cmd.Wait(); err != nil || out.String() != "taken 2 invalid argument\n" {
		t.Errorf("the child said %q, %v", out.String(), err)
	}
}
