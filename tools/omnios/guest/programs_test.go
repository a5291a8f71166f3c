package guest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// The test program is also the programs of the zones that the tests make: it is copied into
// their root directories and knows by its name what it is to do.
const (
	initProgram  = "zt-init"  // waits
	whereProgram = "zt-where" // says where it is
	countProgram = "zt-count" // starts processes until it may not
)

// mostStarted is more than the limit of the zone in which they are counted.
const mostStarted = 100

func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case initProgram:
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	case whereProgram:
		marker, err := os.ReadFile("/marker")
		fmt.Printf("%s %q %v uid %d\n", marker, os.Args[1:], err, os.Getuid())
		io.Copy(os.Stdout, os.Stdin)
		os.Exit(7)
	case countProgram:
		count()
	default:
		os.Exit(m.Run())
	}
}

// count starts processes and says how many it could start, and why no more.
func count() {
	var started []*exec.Cmd
	var err error
	for err == nil && len(started) < mostStarted {
		child := &exec.Cmd{Path: "/" + initProgram, Args: []string{initProgram}}
		if err = child.Start(); err == nil {
			started = append(started, child)
		}
	}
	fmt.Printf("%d processes, %v\n", len(started), err)
	for _, child := range started {
		child.Process.Kill()
		child.Wait()
	}
}

// newRoot makes a root directory with the programs.
func newRoot(t *testing.T, root string) {
	t.Helper()
	for _, dir := range []string{"dev", "etc/svc/volatile", "etc/dfs", "lib", "usr", "sbin", "proc", "tmp", "var/tmp", "var/adm", "var/run", "root", "system/contract", "system/object"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{initProgram: program, "marker": []byte("in the zone"), "etc/mnttab": nil, "etc/dfs/sharetab": nil} {
		if err := testenv.WriteProgram(filepath.Join(root, path), content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("usr/bin", filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
}
