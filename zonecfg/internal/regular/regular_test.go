package regular

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"testing"

	"github.com/gozones/zones/internal/posix"
)

func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/file", []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := posix.Mkfifo(dir+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := os.Symlink("file", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"file": nil, "link": nil, "fifo": ErrNot, "socket": ErrNot, ".": ErrNot, "none": fs.ErrNotExist} {
		text, err := Read(dir + "/" + name)
		if !errors.Is(err, want) || want == nil && (err != nil || string(text) != "text") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if _, err := Open("/dev/zero"); !errors.Is(err, ErrNot) {
		t.Errorf("a device: %v", err)
	}
}
