// Package configure saves whole configurations, of programs and from files. Package lang
// changes configurations by commands.
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

// Machine returns what is needed to check configurations on this host: its users, and
// the brands of a directory. errs receives the output of the brands' hooks.
func Machine(brands string, errs io.Writer) zonecfg.Machine {
	return zonecfg.Machine{
		Brand:         brand.Rules(brands, errs),
		User:          func(name string) bool { _, err := user.Lookup(name); return err == nil },
		Authorization: func(name string) bool { return slices.Contains(authorizations(securityDir), name) },
	}
}

// Prepare checks a configuration and returns a copy to be saved, with a brand, and with a
// clean zonepath below the store's root. It must not be saved if [zonecfg.Failed] returns
// an error for the findings.
func Prepare(store *zonecfg.Store, on zonecfg.Machine, z *zonecfg.Zone) (*zonecfg.Zone, []zonecfg.Finding, error) {
	if z.Name != zone.GlobalName && zonecfg.ValidName(z.Name) != nil || zonecfg.ReservedName(z.Name) {
		return nil, nil, fmt.Errorf("%s: %w", z.Name, zonecfg.ErrBogusName)
	}
	z = z.Clone()
	old, err := store.Load(z.Name)
	switch {
	case z.Brand != "":
	case err == nil && old.Brand != "":
		z.Brand = old.Brand
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

// ErrInstalled is the error of a change that isn't possible for an installed zone.
var ErrInstalled = errors.New("the zone is installed")

// Save replaces the zone's configuration with a prepared one. Elements that don't change
// keep their place in the file.
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

// inPlaceOf returns the new configuration with the layout of the old one's file.
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
