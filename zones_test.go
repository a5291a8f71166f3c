package zones_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones"
	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// daemon does at once what a zone's daemon would do in the end.
type daemon struct {
	sys  zone.System
	root string
	said []zone.CommandRequest
}

func (d *daemon) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	d.said = append(d.said, r)
	switch r.Command {
	case zone.CommandBoot:
		id, err := d.sys.Create(&zone.Def{Name: name, Root: d.root})
		if err == nil {
			err = d.sys.Boot(id)
		}
		if err != nil {
			return zone.CommandReply{Result: -1, Text: err.Error() + "\n"}, nil
		}
	case zone.CommandHalt:
		id, err := d.sys.Lookup(name)
		if err == nil {
			err = errors.Join(d.sys.Shutdown(id), d.sys.Destroy(id))
		}
		return zone.CommandReply{}, err
	default:
		return zone.CommandReply{Result: -1, Text: "not here\nnot now\n"}, nil
	}
	return zone.CommandReply{}, nil
}

func (d *daemon) Notify(string, zone.CommandRequest) {}

var _ zoneadm.Requester = (*daemon)(nil)

func newMachine(t *testing.T) (*zones.Machine, *daemon) {
	t.Helper()
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("docs/examples")); err != nil {
		t.Fatal(err)
	}
	store := zonecfg.Open(root, "/run")
	d := &daemon{sys: k.Global(), root: "/zones/web/root"}
	return zones.New(k.Global().Local(), store, d), d
}

// TestLife boots, looks at and halts a zone through the package alone.
func TestLife(t *testing.T) {
	t.Parallel()
	m, d := newMachine(t)
	all, failures, err := m.Zones()
	if err != nil || len(failures) > 0 {
		t.Fatal(err, failures)
	}
	var names []string
	for _, z := range all {
		names = append(names, z.Name+" "+z.State.String())
	}
	if want := []string{"global running", "web configured"}; !slices.Equal(names, want) {
		t.Fatalf("zones: %q, want %q", names, want)
	}
	web, err := m.Zone("web")
	if err != nil {
		t.Fatal(err)
	}
	config, err := web.Config()
	if err != nil || config.BootArgs != "-m verbose" || filepath.Base(config.Zonepath) != "web" {
		t.Errorf("the configuration is %+v, %v", config, err)
	}
	if err := web.Boot("-s", "-m", "quiet"); err != nil {
		t.Fatal(err)
	}
	if got := d.said[0]; got.BootArgs != "-s -m quiet" || got.Command != zone.CommandBoot || got.UniqID != 0 {
		t.Errorf("the daemon was asked %+v", got)
	}
	if web, err = m.Zone("web"); err != nil || web.State != zonecfg.Running || !web.Active {
		t.Fatalf("after booting: %+v, %v", web, err)
	}
	if err := web.Halt(); err != nil {
		t.Fatal(err)
	}
	if got := d.said[1]; got.UniqID == 0 {
		t.Error("the request to halt doesn't say which of the zones of that name is meant")
	}
	if web, err = m.Zone("web"); err != nil || web.Active {
		t.Errorf("after halting: %+v, %v", web, err)
	}
}

// TestRefused: what the daemon says is in the error, and what isn't there is told.
func TestRefused(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	web, err := m.Zone("web")
	if err != nil {
		t.Fatal(err)
	}
	var refused *zones.RequestError
	if err := web.Shutdown(); !errors.As(err, &refused) || err.Error() != "zone web: shutdown: not here; not now" {
		t.Errorf("a refused request gives %v", err)
	}
	if _, err := web.Run(&zone.Cmd{Path: "/bin/true"}); err == nil || !strings.Contains(err.Error(), "boot it first") {
		t.Errorf("running a program in a zone that isn't up gives %v", err)
	}
	if _, err := m.Zone("nosuch"); !errors.Is(err, zoneadm.ErrNotConfigured) {
		t.Errorf("an unknown zone gives %v", err)
	}
}
