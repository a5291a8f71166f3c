package zoneadmd

import (
	"errors"
	"fmt"
	"os"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// CheckError reports why no daemon is started for a zone. Text is the whole
// diagnostic.
type CheckError struct {
	Text string
	Err  error // the cause; may be nil
}

func (e *CheckError) Error() string { return e.Text }

// Unwrap returns the cause.
func (e *CheckError) Unwrap() error { return e.Err }

func failed(err error, format string, args ...any) error {
	return &CheckError{fmt.Sprintf(format, args...), err}
}

// sight is the state of a zone that was read before its daemon starts.
type sight struct {
	state  zonecfg.State
	config *zonecfg.Zone
	brand  *brand.Brand
}

// check makes zoneadmd's checks, in its order.
func (d *Daemon) check() (*sight, error) {
	defer trace.Begin(trace.Step, "check the zone")()
	if err := checkName(d.Zone); err != nil {
		return nil, err
	}
	entry, err := d.Store.Entry(d.Zone)
	if errors.Is(err, zonecfg.ErrNoZone) {
		return nil, failed(err, "could not manage %s: %s", d.Zone, zonecfg.ErrNoZone)
	}
	state := entry.State
	if err == nil {
		state, err = d.stateWith(entry, nil)
	}
	if err != nil {
		return nil, failed(err, "failed to get zone state: %s", reason(err))
	}
	if state == zonecfg.Configured {
		return nil, failed(nil, "cannot manage a zone which is in state '%s'", state)
	}
	if d.defaultBrand, err = d.Store.DefaultBrand(); err != nil {
		return nil, failed(err, "unable to determine default brand")
	}
	config, err := d.Store.Load(d.Zone)
	if err != nil {
		return nil, failed(err, "unable to determine zone brand")
	}
	b, err := d.openBrand(config)
	if err != nil {
		return nil, failed(err, "unable to open zone brand")
	}
	if err := d.setPath(entry, config); err != nil {
		return nil, failed(err, "failed to get zone state: %s", reason(err))
	}
	if err := d.checkPrivileges(); err != nil {
		return nil, err
	}
	return &sight{state, config, b}, makeRunDir(d.RunDir)
}

// checkPrivileges refuses to serve without all privileges, which calls for the zone need later.
func (d *Daemon) checkPrivileges() error {
	if d.Privileges == nil {
		return nil
	}
	set, err := d.Privileges()
	switch {
	case errors.Is(err, errno.ENOTSUP): // the kernel decides about each call
		return nil
	case err != nil:
		return failed(err, "getppriv failed: %s", reason(err))
	case !set.IsFull():
		return failed(nil, noPrivilege)
	}
	return nil
}

// checkName makes the checks that need only the name.
func checkName(name string) error {
	if name == zone.GlobalName {
		return failed(nil, "cannot manage the global zone")
	}
	if zonecfg.ValidName(name) != nil {
		return failed(nil, "could not manage %s: %s", name, zonecfg.ErrNoZone)
	}
	return nil
}

// makeRunDir makes the directory for files that don't outlive a boot of the host.
func makeRunDir(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.Chmod(dir, 0o700)
	}
	number, _ := errno.Of(err)
	switch {
	case err != nil && number == errno.ENOTDIR:
		return failed(err, "'%s' is not a directory: %s", dir, reason(err))
	case err != nil:
		return failed(err, "could not mkdir '%s': %s", dir, reason(err))
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return failed(nil, "'%s' is not a directory: %s", dir, errno.ENOTDIR)
	}
	return nil
}

// openBrand opens the brand of a configuration.
func (d *Daemon) openBrand(config *zonecfg.Zone) (*brand.Brand, error) {
	name := config.Brand
	if name == "" {
		name = d.defaultBrand
	}
	return brand.Open(d.BrandDir, name)
}

// setPath sets the zonepath, from the index or else from the configuration.
func (d *Daemon) setPath(entry zonecfg.Entry, config *zonecfg.Zone) error {
	d.path = config.Zonepath
	if entry.Zonepath != "" {
		d.path = d.Store.Root() + entry.Zonepath
	}
	if d.path == "" {
		return zonecfg.ErrNoEntry
	}
	return nil
}
