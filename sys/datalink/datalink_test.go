package datalink_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
)

func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "datalink")
	for name, value := range map[string]int64{
		"DLMGMT_ACTIVE": int64(datalink.Active), "DLMGMT_PERSIST": int64(datalink.Persistent), "MAXLINKNAMELEN": datalink.NameMax + 1,
	} {
		if want, ok := header[name]; !ok || value != want {
			t.Errorf("%s is %d, the header has %d (%v)", name, value, want, ok)
		}
	}
	if want := abitest.Strings(t)["DLMGMT_DOOR"]; datalink.DefaultDoor != want {
		t.Errorf("DLMGMT_DOOR is %q, the header has %q", datalink.DefaultDoor, want)
	}
}

// daemon serves a door as dlmgmtd does, with one link, net0, of id 7. Its messages are
// made from the headers' facts, not from the package's declarations.
func daemon(t *testing.T) datalink.Client {
	t.Helper()
	c, _ := daemonOfZones(t)
	return c
}

// daemonOfZones also returns what the daemon is told of zones: a command and an id.
func daemonOfZones(t *testing.T) (datalink.Client, <-chan string) {
	t.Helper()
	told := make(chan string, 10)
	path := filepath.Join(t.TempDir(), "dlmgmt_door")
	server, err := door.Listen(path, 0o600)
	if runtime.GOOS == "illumos" && (errors.Is(err, os.ErrPermission) || errors.Is(err, errno.EPERM)) {
		testenv.Need(t, testenv.Given("the privilege to attach doors to files", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	commands := abitest.Constants(t, "datalink")
	field := func(structure, name string) uintptr {
		for _, f := range abitest.Layout(t, structure).Fields {
			if f.Name == name {
				return f.Offset
			}
		}
		t.Fatalf("%s has no %s", structure, name)
		return 0
	}
	byName := func(request []byte) []byte {
		reply := make([]byte, abitest.Layout(t, "dlmgmt_getlinkid_retval_t").Size)
		text, _, _ := strings.Cut(string(request[field("dlmgmt_door_getlinkid_t", "ld_link"):]), "\x00")
		if text != "net0" {
			binary.LittleEndian.PutUint32(reply, uint32(errno.ENOENT))
			return reply
		}
		binary.LittleEndian.PutUint32(reply[field("dlmgmt_getlinkid_retval_t", "lr_linkid"):], 7)
		binary.LittleEndian.PutUint32(reply[field("dlmgmt_getlinkid_retval_t", "lr_flags"):], 3)
		return reply
	}
	byID := func(request []byte) []byte {
		reply := make([]byte, abitest.Layout(t, "dlmgmt_getname_retval_t").Size)
		if binary.LittleEndian.Uint32(request[field("dlmgmt_door_getname_t", "ld_linkid"):]) != 7 {
			binary.LittleEndian.PutUint32(reply, uint32(errno.ENOENT))
			return reply
		}
		copy(reply[field("dlmgmt_getname_retval_t", "lr_link"):], "net0")
		binary.LittleEndian.PutUint32(reply[field("dlmgmt_getname_retval_t", "lr_class"):], 8)
		return reply
	}
	// The headers' facts have neither the commands nor the structures of libdladm's own header:
	// DLMGMT_CMD_BASE + 13 and + 14, two ints, and an error number.
	ofZone := func(request []byte) []byte {
		reply := make([]byte, 4)
		if binary.LittleEndian.Uint32(request[4:]) == 0 {
			binary.LittleEndian.PutUint32(reply, uint32(errno.EINVAL))
		}
		told <- fmt.Sprint(int64(binary.LittleEndian.Uint32(request))-commands["DLMGMT_CMD_BASE"], binary.LittleEndian.Uint32(request[4:]))
		return reply
	}
	go server.Serve(func(c *door.Conn) {
		for {
			request, _, err := c.Receive()
			if err != nil {
				return
			}
			reply := []byte{22, 0, 0, 0}
			switch command := int64(binary.LittleEndian.Uint32(request)); {
			case command == commands["DLMGMT_CMD_GETLINKID"] && len(request) == int(abitest.Layout(t, "dlmgmt_door_getlinkid_t").Size):
				reply = byName(request)
			case command == commands["DLMGMT_CMD_GETNAME"] && len(request) == int(abitest.Layout(t, "dlmgmt_door_getname_t").Size):
				reply = byID(request)
			case len(request) == 8 && (command == commands["DLMGMT_CMD_BASE"]+13 || command == commands["DLMGMT_CMD_BASE"]+14):
				reply = ofZone(request)
			}
			if err := c.Send(reply); err != nil {
				return
			}
		}
	})
	return datalink.Client{Door: path}, told
}

// TestZones tells the daemon of zones that boot and halt.
func TestZones(t *testing.T) {
	testenv.Need(t, testenv.System("linux", "illumos"))
	c, told := daemonOfZones(t)
	if err := errors.Join(c.BootZone(5), c.HaltZone(6)); err != nil {
		t.Fatal(err)
	}
	if boot, halt := <-told, <-told; boot != "13 5" || halt != "14 6" {
		t.Errorf("it was told %q and %q", boot, halt)
	}
	for name, call := range map[string]func(int32) error{"boot": c.BootZone, "halt": c.HaltZone} {
		if err := call(0); !errors.Is(err, errno.EINVAL) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s of the global zone: %v", name, err)
		}
	}
	if err := (datalink.Client{Door: filepath.Join(t.TempDir(), "none")}).BootZone(5); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a daemon: %v", err)
	}
}

func TestLinks(t *testing.T) {
	testenv.Need(t, testenv.System("linux", "illumos"))
	c := daemon(t)
	link, err := c.ByName("net0")
	if want := (datalink.Link{ID: 7, Name: "net0", Flags: datalink.Active | datalink.Persistent}); err != nil || link != want {
		t.Errorf("net0 is %+v, %v", link, err)
	}
	link, err = c.ByID(7)
	if want := (datalink.Link{ID: 7, Name: "net0", Class: 8}); err != nil || link != want {
		t.Errorf("7 is %+v, %v", link, err)
	}
	if _, err := c.ByName("net1"); !errors.Is(err, errno.ENOENT) {
		t.Errorf("net1: %v", err)
	}
	if _, err := c.ByID(8); !errors.Is(err, errno.ENOENT) {
		t.Errorf("8: %v", err)
	}
	for _, name := range []string{"", strings.Repeat("n", datalink.NameMax+1), "a\x00b"} {
		if _, err := c.ByName(name); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := (datalink.Client{Door: filepath.Join(t.TempDir(), "none")}).ByName("net0"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a daemon: %v", err)
	}
}

func ExampleClient_ByName() {
	_, err := datalink.Client{}.ByName("a name that is longer than links have")
	fmt.Println(err)
	fmt.Println(errors.Is(err, errno.EINVAL))
	// Output:
	// link "a name that is longer than links have": Invalid argument
	// true
}
