package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// netLink is an id that no other test uses: those of several packages run in one kernel.
const netLink = 4711

// linkFlags and linkClass are those of the link.
var linkFlags, linkClass atomic.Uint32

// administer makes a dladm that records its calls and prints the value of protection, and a
// dlmgmtd for which every link has the id netLink, and the name net0.
func administer(t *testing.T, k *kernel, protection string) (calls func() []string) {
	t.Helper()
	dir, real := t.TempDir(), dladm
	t.Cleanup(func() { dladm = real })
	dladm = filepath.Join(dir, "dladm")
	script := fmt.Sprintf(`#!/bin/sh
echo "$*" >>%[1]s/calls
case "$*" in "show-linkprop "*" pool "*) cat %[1]s/pool 2>/dev/null || echo -- ;; "show-linkprop "*" cpus "*) cat %[1]s/cpus 2>/dev/null || echo -- ;; *refused*) echo "dladm: refused"; exit 1 ;; "show-linkprop "*" protection "*) echo %[2]s ;; esac
`, dir, protection)
	if err := testenv.WriteProgram(dladm, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "door")
	server, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	constants := abitest.Constants(t, "datalink")
	offset := func(structure, name string) uintptr {
		fields := abitest.Layout(t, structure).Fields
		return fields[slices.IndexFunc(fields, func(f abitest.Field) bool { return f.Name == name })].Offset
	}
	go server.Serve(func(c *door.Conn) {
		for {
			ask, _, err := c.Receive()
			if err != nil {
				return
			}
			reply := make([]byte, abitest.Layout(t, "dlmgmt_getlinkid_retval_t").Size)
			binary.LittleEndian.PutUint32(reply[offset("dlmgmt_getlinkid_retval_t", "lr_linkid"):], netLink)
			if command := int64(binary.LittleEndian.Uint32(ask)) - constants["DLMGMT_CMD_BASE"]; command == 13 || command == 14 {
				text := fmt.Sprintf("dlmgmtd %d %d\n", command, binary.LittleEndian.Uint32(ask[4:]))
				if file, err := os.OpenFile(filepath.Join(dir, "calls"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
					file.WriteString(text)
					file.Close()
				}
				reply = make([]byte, 4)
			}
			if int64(binary.LittleEndian.Uint32(ask)) == constants["DLMGMT_CMD_GETNAME"] {
				reply = make([]byte, abitest.Layout(t, "dlmgmt_getname_retval_t").Size)
				if binary.LittleEndian.Uint32(ask[4:]) == 0 {
					binary.LittleEndian.PutUint32(reply, uint32(errno.ENOENT))
				}
				copy(reply[offset("dlmgmt_getname_retval_t", "lr_link"):], "net0")
				binary.LittleEndian.PutUint32(reply[offset("dlmgmt_getname_retval_t", "lr_flags"):], linkFlags.Load())
				binary.LittleEndian.PutUint32(reply[offset("dlmgmt_getname_retval_t", "lr_class"):], linkClass.Load())
			}
			if c.Send(reply) != nil {
				return
			}
		}
	})
	k.links = datalink.Client{Door: path}
	return func() []string {
		text, _ := os.ReadFile(filepath.Join(dir, "calls"))
		os.Remove(filepath.Join(dir, "calls"))
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	}
}

// TestLinks gives a link to a zone, with the addresses that may be used on it, and takes it
// back. zone_add_datalink alone wouldn't move it, and the zone could use any address.
func TestLinks(t *testing.T) {
	testenv.Need(t, testenv.Embedded) // a real system has links of its own
	k := new(kernel)
	id := newZone(t, k, "links", zone.CreateNetExcl)
	name, err := zone.NameOf(k, id)
	if err != nil {
		t.Fatal(err)
	}
	calls := administer(t, k, "--")
	step := func(link string, addresses string) error {
		_, err := zone.BootWith(onlySteps{k}, id, []zone.Step{
			{Link: &zone.Link{Name: link}},
			{Net: &zone.NetData{Link: link, Kind: zone.NetAddress, Value: []byte(addresses + "\x00")}},
		})
		return err
	}
	// The kernel of the tests has only what zone_add_datalink records.
	if err := k.AddDatalink(id, netLink); err != nil {
		t.Fatal(err)
	}
	for door, want := range map[string]string{k.links.Door: "enforced", t.TempDir() + "/none": "refused"} {
		report, err := (&kernel{links: datalink.Client{Door: door}}).Report()
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(report.Capabilities, func(c zone.Capability) bool { return c.Concept == "names of data links" }); i < 0 || report.Capabilities[i].Class != want {
			t.Errorf("names by the door %s are not %s: %+v", door, want, report.Capabilities)
		}
	}
	shared := newZone(t, k, "nolinks", 0)
	if err := errors.Join(k.LoadLinks(id), k.UnloadLinks(id), k.LoadLinks(shared), k.UnloadLinks(shared)); err != nil {
		t.Error(err)
	}
	if got, want := calls(), []string{fmt.Sprint("dlmgmtd 13 ", id), fmt.Sprint("dlmgmtd 14 ", id)}; !slices.Equal(got, want) {
		t.Errorf("the daemon was told %q, not %q", got, want)
	}
	if err := (&kernel{links: datalink.Client{Door: t.TempDir() + "/none"}}).LoadLinks(id); zone.ErrnoOf(err) != errno.ENOENT {
		t.Errorf("without a daemon: %v", err)
	}
	if err := step("net0", "192.0.2.1/24,fe80::1/10"); err != nil {
		t.Fatal(err)
	}
	if err := k.Unprotect(id); err != nil {
		t.Fatal(err)
	}
	if err := k.RemoveNetwork(id); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"set-linkprop -t -p zone=" + name + " net0",
		"show-linkprop -c -o value -p protection net0",
		"show-linkprop -c -o value -p allowed-ips net0",
		"set-linkprop -t -p protection=ip-nospoof net0",
		"set-linkprop -t -p allowed-ips=192.0.2.1,fe80::1 net0",
		"reset-linkprop -t -p protection,allowed-ips net0",
		"set-linkprop -t -p zone=global net0",
	}
	if got := calls(); !slices.Equal(got, want) {
		t.Errorf("dladm was called with %q", got)
	}
	if err := step("refused0", "192.0.2.1/24"); err == nil || !strings.Contains(err.Error(), "dladm: refused") {
		t.Errorf("a link that can't be given: %v", err)
	}
	administer(t, k, "mac-nospoof")
	if err := step("net0", "192.0.2.2/24"); err == nil || !strings.Contains(err.Error(), "protection is already set, to mac-nospoof") {
		t.Errorf("a link that is protected otherwise: %v", err)
	}
}

// TestTransientLinks: of the links that a zone has when it is halted, those that were made for
// it are deleted, by the command for their class.
func TestTransientLinks(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	k := new(kernel)
	id := newZone(t, k, "transient", zone.CreateNetExcl)
	calls := administer(t, k, "--")
	if err := k.AddDatalink(id, netLink+1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { linkFlags.Store(0); linkClass.Store(0) })
	const transient, back = 4, "set-linkprop -t -p zone=global net0"
	for _, test := range []struct {
		flags, class uint32
		want         string
		fails        string
	}{
		{1, 8, back, ""},
		{1 | transient, 8, "delete-vnic -t net0," + back, ""},
		{1 | transient, 2, "delete-vlan -t net0," + back, ""},
		{1 | transient, 4, "delete-aggr -t net0," + back, ""},
		{1 | transient, 16, "delete-etherstub -t net0," + back, ""},
		{1 | transient, 1, back, "class 0x1 can't be deleted"},
	} {
		linkFlags.Store(test.flags)
		linkClass.Store(test.class)
		err := k.RemoveNetwork(id)
		if (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
			t.Errorf("class %d: %v", test.class, err)
		}
		if got := strings.Join(calls(), ","); got != test.want {
			t.Errorf("class %d with flags %d: %s", test.class, test.flags, got)
		}
	}
}

// TestLinkPools: a link works on the processors of its zone's pool, unless somebody has chosen
// others.
func TestLinkPools(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	k := new(kernel)
	id := newZone(t, k, "pooled", zone.CreateNetExcl)
	name, err := zone.NameOf(k, id)
	if err != nil {
		t.Fatal(err)
	}
	calls := administer(t, k, "--")
	if err := k.AddDatalink(id, netLink+2); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(dladm)
	for _, test := range []struct {
		name, pool, cpus, now string
		call                  func(zone.ID, string) error
		want                  string
	}{
		{"a pool", "web", "", "", k.PoolLinks, "set-linkprop -t -p pool=web net0"},
		{"its own", "", "", "", k.PoolLinks, "set-linkprop -t -p pool=SUNWtmp_" + name + " net0"},
		{"other processors", "web", "0,1", "", k.PoolLinks, ""},
		{"another pool", "web", "", "db", k.PoolLinks, ""},
		{"back", "web", "", "web", k.UnpoolLinks, "reset-linkprop -t -p pool net0"},
		{"back from its own", "", "", "SUNWtmp_" + name, k.UnpoolLinks, "reset-linkprop -t -p pool net0"},
		{"another pool stays", "web", "", "db", k.UnpoolLinks, ""},
	} {
		for file, value := range map[string]string{"cpus": test.cpus, "pool": test.now} {
			os.Remove(filepath.Join(dir, file))
			if value != "" {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(value+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := test.call(id, test.pool); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		got := slices.DeleteFunc(calls(), func(call string) bool { return strings.HasPrefix(call, "show-linkprop") })
		if strings.Join(got, ",") != test.want {
			t.Errorf("%s: %q, not %s", test.name, got, test.want)
		}
	}
}

// onlySteps doesn't boot the zone after the steps.
type onlySteps struct{ *kernel }

func (onlySteps) Boot(zone.ID) error { return nil }
