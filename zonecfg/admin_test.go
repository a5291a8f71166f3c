package zonecfg

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAuthorize(t *testing.T) {
	t.Parallel()
	s := newStore(t, "")
	var ran []string
	s.authorize = func(command []string) error { ran = append(ran, strings.Join(command, " ")); return nil }
	ok(t, s.Authorize("web", []Admin{{"ops", "login"}}))
	if ran != nil {
		t.Errorf("without user_attr %q", ran)
	}
	ok(t, os.WriteFile(s.userAttrPath(), []byte(`# the users
root::::auths=solaris.*;profiles=All;type=normal
ops::::type=normal;auths=solaris.jobs.admin;profiles=Primary
backup::::type=role;auths=solaris.zone.login/web,solaris.zone.manage/db;profiles=Zone Management
old::::auths=solaris.zone.manage/web;profiles=Zone Management,All
kept::::auths=solaris.zone.login/web;profiles=Zone Management
not an entry
`), 0o644))
	ok(t, s.Authorize("web", []Admin{{"ops", "login,manage"}, {"kept", "login"}, {"new", "clonefrom"}}))
	want := []string{
		"/usr/sbin/usermod -A solaris.jobs.admin,solaris.zone.login/web,solaris.zone.manage/web -P Primary,Zone Management ops",
		"/usr/sbin/rolemod -A solaris.zone.manage/db -P Zone Management backup",
		"/usr/sbin/usermod -A  -P All old",
		"/usr/sbin/usermod -A solaris.zone.clonefrom/web -P Zone Management new",
	}
	if !slices.Equal(ran, want) {
		t.Errorf("ran\n%s\nwant\n%s", strings.Join(ran, "\n"), strings.Join(want, "\n"))
	}
	// Changes of zones do it too.
	z := web(s)
	z.Admin = []Admin{{"kept", "login"}}
	for _, step := range []struct {
		do   func() error
		want []string
	}{
		{func() error { return s.Create(z, false) }, []string{"backup", "old"}},
		{func() error { z.Admin = nil; return s.Save(z) }, []string{"backup", "old", "kept"}},
		{func() error { z.Name = "www"; z.Admin = []Admin{{"ops", "login"}}; return s.Rename("web", z) }, []string{"backup", "old", "kept", "ops"}},
		{func() error { return s.Delete("www", false) }, nil},
	} {
		ran = nil
		ok(t, step.do())
		var users []string
		for _, command := range ran {
			users = append(users, command[strings.LastIndex(command, " ")+1:])
		}
		if !slices.Equal(users, step.want) {
			t.Errorf("ran %q, want those for %q", ran, step.want)
		}
	}
}

func TestRefreshAdmins(t *testing.T) {
	t.Parallel()
	s := newStore(t, "")
	z := web(s)
	z.Admin = []Admin{{"ops", "login"}}
	ok(t, s.Create(z, false))
	if changed, err := s.RefreshAdmins(z); changed || err != nil {
		t.Error(changed, err)
	}
	ok(t, os.WriteFile(s.userAttrPath(), []byte("ops::::auths=solaris.zone.login/web\nbackup::::auths=solaris.zone.clonefrom/web,solaris.zone.login/web,solaris.zone.login/db\n"), 0o644))
	old := time.Now().Add(-time.Hour)
	ok(t, os.Chtimes(s.userAttrPath(), old, old))
	if changed, err := s.RefreshAdmins(z); changed || err != nil {
		t.Error("an older user_attr counts:", changed, err)
	}
	ok(t, os.Chtimes(s.xmlPath("web"), old, old.Add(-time.Second)))
	changed, err := s.RefreshAdmins(z)
	if !changed || err != nil || !slices.Equal(z.Admin, []Admin{{"ops", "login"}, {"backup", "clonefrom,login"}}) {
		t.Errorf("%v, %v, %+v", changed, err, z.Admin)
	}
	if changed, err := s.RefreshAdmins(z); changed || err != nil {
		t.Error(changed, err)
	}
}
