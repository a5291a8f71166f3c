package zonecfg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/gozones/zones/zonecfg/internal/regular"
	"github.com/gozones/zones/zonecfg/internal/userattr"
)

// The rights of a zone's admins are authorizations of the system, which it keeps in
// user_attr(5). Where there is no such file, as on Linux, the admins of a zone are
// only written down.

func (s *Store) userAttrPath() string { return s.root + "/etc/user_attr" }

// RefreshAdmins makes the admins of a zone those that user_attr has, when that was
// changed after the zone's file: rights were given or taken with the system's other
// tools. It tells whether it did.
func (s *Store) RefreshAdmins(z *Zone) (changed bool, err error) {
	rights, err := os.Stat(s.userAttrPath())
	if err != nil {
		return false, nil
	}
	file, err := os.Stat(s.xmlPath(z.Name))
	if err != nil || !rights.ModTime().After(file.ModTime()) {
		return false, nil
	}
	text, err := regular.Read(s.userAttrPath())
	if err != nil {
		return false, fileError(s.userAttrPath(), err, ErrMiscFS)
	}
	var admins []Admin
	for _, u := range userattr.Parse(string(text)) {
		if r := u.Rights(z.Name); r != nil {
			admins = append(admins, Admin{u.Name, strings.Join(r, ",")})
		}
	}
	if slices.Equal(admins, z.Admin) {
		return false, nil
	}
	for len(z.Admin) > 0 {
		if err := z.Remove(z.Admin[0]); err != nil {
			return false, err
		}
	}
	for _, a := range admins {
		z.Append(a)
	}
	return true, nil
}

// Authorize gives the admins of a zone their rights to it, and takes them from
// everybody else. [Store.Save] and the like do so, and go on when it fails, as the
// system's tools do; it may be done again to see why. It does nothing where there is no
// user_attr, and with an alternate root, whose users the system's commands don't
// reach.
func (s *Store) Authorize(zone string, admins []Admin) error {
	text, err := regular.Read(s.userAttrPath())
	if err != nil || s.root != "" && s.authorize == nil {
		return nil
	}
	users := userattr.Parse(string(text))
	for _, a := range admins {
		if !slices.ContainsFunc(users, func(u userattr.User) bool { return u.Name == a.User }) {
			users = append(users, userattr.User{Name: a.User})
		}
	}
	var failures []error
	for _, u := range users {
		var rights []string
		for _, a := range admins {
			if a.User == u.Name {
				rights = append(rights, strings.Split(a.Auths, ",")...)
			}
		}
		n, changed := u.With(zone, rights)
		if !changed {
			continue
		}
		if err := s.runAuthorize(n.Command()); err != nil {
			failures = append(failures, fmt.Errorf("rights of user %s to zone %s: %w", u.Name, zone, err))
		}
	}
	return errors.Join(failures...)
}

func (s *Store) runAuthorize(command []string) error {
	if s.authorize != nil {
		return s.authorize(command)
	}
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", command[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}
