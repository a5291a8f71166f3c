package zoneadm

import (
	"errors"

	"github.com/gozones/zones/internal/configure"
	"github.com/gozones/zones/zonecfg"
)

// Create verifies and saves the configuration of a new zone. With overwrite it replaces
// the configuration of a zone that isn't installed.
func (t *Target) Create(z *zonecfg.Zone, overwrite bool) error {
	return t.configure(VerbCreate, z, func(z *zonecfg.Zone) error { return t.Store.Create(z, overwrite) })
}

// SetConfig verifies and saves a changed configuration. An active zone uses it from its
// next boot on.
func (t *Target) SetConfig(z *zonecfg.Zone) error {
	return t.configure(VerbConfigure, z, func(z *zonecfg.Zone) error { return configure.Save(t.Store, z) })
}

func (t *Target) configure(v Verb, z *zonecfg.Zone, save func(*zonecfg.Zone) error) error {
	defer t.forget()
	if err := t.begin(v); err != nil {
		return err
	}
	prepared, findings, err := configure.Prepare(t.Store, configure.Machine(t.Brands, t.Err), z)
	if err != nil {
		return t.fails(err)
	}
	failed := zonecfg.Failed(findings)
	for _, f := range findings {
		switch {
		case failed != nil:
			t.problem(bare("%s", f.Text))
		default:
			t.warn(bare("%s", f.Text))
		}
	}
	if failed != nil {
		return t.unsound(errors.Join(ErrVerify, failed))
	}
	if err := save(prepared); err != nil {
		return t.fails(err)
	}
	return nil
}

// Delete deletes the configuration of a zone that isn't active. With force it does so even
// if the zone is installed; the zone's files stay.
func (t *Target) Delete(force bool) error {
	defer t.forget()
	if err := t.begin(VerbDelete); err != nil {
		return err
	}
	state, active, err := t.stateOf(t.Name)
	switch {
	case err != nil:
		return t.failure("could not get state", err)
	case active:
		return t.failed(&StateError{state}, plain("the zone is active: halt it first"))
	}
	err = t.Store.Delete(t.Name, force)
	if errors.Is(err, zonecfg.ErrBadState) {
		return t.failed(&StateError{state}, plain("the zone is installed: uninstall it first, or delete by force"))
	}
	if err != nil {
		return t.fails(err)
	}
	return nil
}
