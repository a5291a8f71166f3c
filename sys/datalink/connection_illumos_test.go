package datalink

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

// TestAbortConnections: connections of both families are ended, in all states; that there are
// none is no failure, that the privilege is missing is one.
func TestAbortConnections(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	zone := int32(os.Getpid()) // any will do: the system doesn't look whether it exists
	fd := func() int {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
		return fd
	}
	before := fd()
	if err := AbortConnections(zone); err != nil {
		t.Error(err)
	}
	if after := fd(); after != before {
		t.Errorf("descriptor %d is next, was %d", after, before)
	}
	text, err := os.ReadFile(filepath.Join(os.Getenv("ZONES_RUN"), "tcp.aborted"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, fmt.Sprint(zone, " ")) {
			got = append(got, line)
		}
	}
	if want := fmt.Sprintf("%[1]d inet -2-6\n%[1]d inet6 -2-6\n", zone); strings.Join(got, "") != want {
		t.Errorf("aborted were %q", got)
	}
	all, err := priv.Own(priv.Effective)
	if err != nil {
		t.Fatal(err)
	}
	if err := priv.Change(priv.Off, priv.Effective, priv.Of("sys_ip_config")); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := priv.Change(priv.To, priv.Effective, all); err != nil {
			t.Error(err)
		}
	}()
	if err := AbortConnections(zone); !errors.Is(err, errno.EPERM) {
		t.Errorf("without the privilege: %v", err)
	}
}
