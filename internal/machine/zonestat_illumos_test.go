package machine

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/door"
)

// TestAnnounce: zonestatd is told the id of a zone, two ints; without it nothing happens.
func TestAnnounce(t *testing.T) {
	testenv.Need(t, testenv.Root)
	real := zonestat
	t.Cleanup(func() { zonestat = real })
	zonestat = filepath.Join(t.TempDir(), "door")
	k := new(kernel)
	k.Announce(7)
	server, err := door.Listen(zonestat, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	told := make(chan []byte, 1)
	go server.Serve(func(c *door.Conn) {
		message, _, err := c.Receive()
		if err != nil {
			t.Error(err)
		}
		told <- message
	})
	k.Announce(7)
	if got, want := <-told, []byte{3, 0, 0, 0, 7, 0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("it was told % x", got)
	}
}
