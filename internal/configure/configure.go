// Package configure puts whole configurations on disk: those that a program makes, or
// that a file holds, where zonecfg(8) changes one command by command.
package configure

import (
	"errors"
	"fmt"
	"io"
	"os/user"
	"reflect"
	"slices"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Machine is this machine, as configurations are held against it: its users, and the
// brands that a directory describes. What a brand's own hook prints goes to errs.
func Machine(brands string, errs io.Writer) zonecfg.Machine {
	return zonecfg.Machine{
		Brand:         brand.Rules(brands, errs),
		User:          func(name string) bool { _, err := user.Lookup(name); return err == nil },
		Authorization: func(name string) bool { return slices.Contains(authorizations(securityDir), name) },
	}
}

// Prepare returns a configuration as it is saved: with a brand, and with its zonepath
// cleaned and below the store's root. It says all that is wrong with it; when
// [zonecfg.Failed] says so of that, it can't be saved.
func Prepare(store *zonecfg.Store, on zonecfg.Machine, z *zonecfg.Zone) (*zonecfg.Zone, []zonecfg.Finding, error) {
	if z.Name != zone.GlobalName && zonecfg.ValidName(z.Name) != nil || zonecfg.ReservedName(z.Name) {
		return nil, nil, fmt.Errorf("%s: %w", z.Name, zonecfg.ErrBogusName)
	}
	z = z.Clone()
	old, err := store.Load(z.Name)
	switch {
	case z.Brand != "":
	case err == nil && old.Brand != "":
		z.Brand = old.Brand // it isn't asked to have another one
	default:
		if z.Brand, err = store.DefaultBrand(); err != nil {
			return nil, nil, err
		}
	}
	findings := z.Check(on)
	if path, err := zonecfg.CleanZonepath(z.Zonepath); err == nil {
		z.Zonepath = store.InRoot(path)
	}
	return z, findings, nil
}

// ErrInstalled is that of a change that an installed zone can't have.
var ErrInstalled = errors.New("the zone is installed")

// Save puts a configuration that was prepared in the place of the zone's. What stays
// the same keeps its place in the file.
func Save(store *zonecfg.Store, z *zonecfg.Zone) error {
	old, err := store.Load(z.Name)
	if err != nil {
		return fmt.Errorf("zone %s: %w", z.Name, err)
	}
	if state, err := store.State(z.Name); err == nil && state >= zonecfg.Installed && z.Name != zone.GlobalName {
		if old.Zonepath != z.Zonepath {
			return fmt.Errorf("zone %s: %w in %s: its zonepath can't be changed", z.Name, ErrInstalled, old.Zonepath)
		}
		if old.Brand != z.Brand {
			return fmt.Errorf("zone %s: %w with brand %s: that can't be changed", z.Name, ErrInstalled, old.Brand)
		}
	}
	return store.Save(inPlaceOf(old, z))
}

// inPlaceOf returns a configuration with the layout of the file that is there.
func inPlaceOf(old, new *zonecfg.Zone) *zonecfg.Zone {
	out := old.Clone()
	to, from := reflect.ValueOf(out).Elem(), reflect.ValueOf(new).Elem()
	for i := range to.NumField() {
		if to.Field(i).CanSet() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return out
}
