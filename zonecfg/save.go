package zonecfg

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gozones/zones/sys/zone"
)

// Create puts a new zone on disk, in state configured: its file and a line in the
// index. Where there are no zones yet, it makes /etc/zones and the index too. A zone
// of that name is in the way (ErrNameInUse) unless overwrite is given, and then if
// it is installed or active (ErrBadState).
func (s *Store) Create(z *Zone, overwrite bool) error {
	t, err := s.writing(z)
	if err != nil {
		return err
	}
	if err := s.prepare(); err != nil {
		return err
	}
	t.check = func(entries map[string]Entry) error {
		e, there := entries[z.Name]
		switch {
		case z.Name == zone.GlobalName:
			return nil
		case s.active(z.Name), overwrite && there && e.State >= Installed:
			return ErrBadState
		case there && !overwrite:
			return ErrNameInUse
		}
		return nil
	}
	path := t.zonepath
	t.index = func(text []byte) ([]byte, error) {
		if z.Name == zone.GlobalName {
			return text, nil
		}
		configured := Configured
		out, err := modifyIndex(text, z.Name, Change{State: &configured, Zonepath: &path})
		if errors.Is(err, ErrUpdatingIndex) {
			return addIndex(text, z.Name, path)
		}
		return out, err
	}
	return s.authorized(s.transact(t), z.Name, z.Admin)
}

// Save puts a changed configuration in the place of the one on disk. ErrNoZone when
// there is none (see [Store.Create]), ErrUpdatingIndex when the index hasn't got it.
// Where the index has another zonepath of an installed zone than its file, that stays
// unless the zonepath is what was changed: the zone lies where the index says.
func (s *Store) Save(z *Zone) error {
	t, err := s.writing(z)
	if err != nil {
		return err
	}
	change := Change{Zonepath: &t.zonepath}
	t.check = func(entries map[string]Entry) error {
		e, there := entries[z.Name]
		_, err := os.Lstat(s.xmlPath(z.Name))
		switch {
		case z.Name == zone.GlobalName:
			return nil
		case errors.Is(err, fs.ErrNotExist):
			return ErrNoZone
		case !there:
			return ErrUpdatingIndex
		}
		if old, err := s.LoadFile(s.xmlPath(z.Name)); err == nil && e.State > Configured && old.Zonepath == t.zonepath {
			change = Change{}
		}
		return nil
	}
	t.index = func(text []byte) ([]byte, error) { return modifyIndex(text, z.Name, change) }
	return s.authorized(s.transact(t), z.Name, z.Admin)
}

// Rename puts a configuration, which has the new name, in the place of the one that
// a zone has under its old name, and takes that off the disk. The zone keeps its
// state and its UUID. ErrNoZone when there is no such zone, ErrBadState when it is
// active, ErrBogusName and ErrNameInUse for a name that it can't have.
func (s *Store) Rename(old string, z *Zone) error {
	if old == z.Name {
		return s.Save(z)
	}
	t, err := s.writing(z)
	if err != nil {
		return err
	}
	t.drop = old
	t.check = func(entries map[string]Entry) error {
		_, there := entries[old]
		_, taken := entries[z.Name]
		switch {
		case !there || old == zone.GlobalName:
			return ErrNoZone
		case s.active(old):
			return ErrBadState
		case taken, s.active(z.Name):
			return ErrNameInUse
		}
		return nil
	}
	t.index = func(text []byte) ([]byte, error) {
		return modifyIndex(text, old, Change{Name: &z.Name, Zonepath: &t.zonepath})
	}
	return s.authorized(s.authorized(s.transact(t), old, nil), z.Name, z.Admin)
}

// Delete takes a zone's configuration off the disk; its zonepath stays. ErrNoZone
// when there is neither a line nor a file, ErrBadState when the zone is active, or,
// without force, not in state configured.
func (s *Store) Delete(name string, force bool) error {
	if ValidName(name) != nil && name != zone.GlobalName {
		return ErrNoZone
	}
	_, fileErr := os.Lstat(s.xmlPath(name))
	err := s.transact(transaction{
		drop: name,
		check: func(entries map[string]Entry) error {
			e, there := entries[name]
			switch {
			case !there && errors.Is(fileErr, fs.ErrNotExist):
				return ErrNoZone
			case s.active(name), e.State > Configured && !force && name != zone.GlobalName:
				return ErrBadState
			}
			return nil
		},
		index: func(text []byte) ([]byte, error) {
			if name == zone.GlobalName {
				return text, nil
			}
			return removeIndex(text, name)
		},
	})
	return s.authorized(err, name, nil)
}

// authorized gives the admins of a zone their rights once its change is done. The
// zone is changed then, whatever comes of that; [Store.Authorize] tells, as often as
// one asks.
func (s *Store) authorized(err error, zone string, admins []Admin) error {
	if err == nil {
		_ = s.Authorize(zone, admins)
	}
	return err
}

// active asks the kernel; a state up to Installed is none of an active zone.
func (s *Store) active(name string) bool {
	if s.Active == nil {
		return false
	}
	state, ok := s.Active(name)
	return ok && state > Installed
}

// writing checks a configuration and begins the transaction that writes it.
func (s *Store) writing(z *Zone) (transaction, error) {
	if z.Name != zone.GlobalName && (ValidName(z.Name) != nil || ReservedName(z.Name)) {
		return transaction{}, &Error{Code: ErrBogusName, Detail: z.Name}
	}
	path, ok := s.below(z.Zonepath)
	if !ok && z.Zonepath != "" {
		return transaction{}, &Error{Code: ErrBadProperty, Detail: "zonepath " + z.Zonepath + " is not below the root " + s.root}
	}
	path = s.inside(path)
	if path == "" && z.Name != zone.GlobalName {
		return transaction{}, &Error{Code: ErrInvalid, Detail: "zonepath cannot be empty"}
	}
	c := *z
	c.Zonepath = path
	text := c.XML(ForUse)
	// Values that no document can hold, or none that validates, are found here.
	switch again, err := ParseXML(text); {
	case err != nil:
		return transaction{}, err
	case !again.Equal(&c):
		return transaction{}, &Error{Code: ErrInvalidDoc, Detail: "zone " + z.Name + " has a value that can't be written"}
	}
	return transaction{put: z.Name, text: text, zonepath: path}, nil
}

// prepare makes the directory and the index where there are none yet.
func (s *Store) prepare() error {
	if _, err := os.Stat(s.indexPath()); err == nil {
		return nil
	}
	fail := func(err error) error {
		return &Error{Code: ErrMiscFS, File: s.indexPath(), Detail: err.Error()}
	}
	if _, err := os.Stat(s.dir()); errors.Is(err, fs.ErrNotExist) {
		err := os.MkdirAll(s.dir(), 0o755)
		if err == nil {
			err = own(s.dir(), 0o755)
		}
		if err != nil {
			return fail(err)
		}
		syncDir(filepath.Dir(s.dir()))
	}
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer func() { _ = unlock() }()
	if _, err := os.Lstat(s.indexPath()); err == nil {
		return nil
	}
	first := Entry{Name: zone.GlobalName, State: Installed, Zonepath: "/"}
	return s.replace(s.indexPath(), []byte(first.Line()), ErrMiscFS)
}

// own gives a file of the system its mode and, for root, its owner.
func own(path string, mode fs.FileMode) error {
	const root, sys = 0, 3
	err := os.Chmod(path, mode)
	if os.Geteuid() == 0 {
		err = errors.Join(err, unlessUnmapped(os.Chown(path, root, sys)))
	}
	return err
}

// unlessUnmapped drops the failure of giving a file to a user or group that the user
// namespace of this process doesn't have: root of such a namespace keeps its own.
func unlessUnmapped(err error) error {
	if errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}
