// Package userattr reads user_attr(5), the file that says which authorizations and
// profiles users have, and works out what a user's lists become when the rights to a
// zone change.
package userattr

import (
	"slices"
	"strings"
)

// User is what the file says of a user.
type User struct {
	Name     string
	Role     bool // type=role
	Auths    []string
	Profiles []string
}

// Parse reads the file. What is no entry is passed over.
func Parse(text string) []User {
	var users []User
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		fields := strings.SplitN(line, ":", 5) // user:qualifier:res1:res2:attr
		if strings.HasPrefix(line, "#") || len(fields) != 5 || fields[0] == "" {
			continue
		}
		u := User{Name: fields[0]}
		for pair := range strings.SplitSeq(fields[4], ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			switch key {
			case "type":
				u.Role = value == "role"
			case "auths":
				u.Auths = words(value)
			case "profiles":
				u.Profiles = words(value)
			}
		}
		users = append(users, u)
	}
	return users
}

func words(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ","), func(w string) bool { return w == "" })
}

const (
	zoneRight = "solaris.zone." // then the right, a slash and the zone
	profile   = "Zone Management"
)

// Rights returns what the user may do to a zone: login, manage, clonefrom.
func (u User) Rights(zone string) []string {
	var rights []string
	for _, a := range u.Auths {
		if right, ok := strings.CutPrefix(a, zoneRight); ok {
			if right, ok = strings.CutSuffix(right, "/"+zone); ok {
				rights = append(rights, right)
			}
		}
	}
	return rights
}

// With returns the user with other rights to a zone, and whether that changes
// anything. Who has a right to any zone has the profile for it.
func (u User) With(zone string, rights []string) (User, bool) {
	n := u
	n.Auths = slices.DeleteFunc(slices.Clone(u.Auths), func(a string) bool {
		return strings.HasPrefix(a, zoneRight) && strings.HasSuffix(a, "/"+zone)
	})
	for _, right := range rights {
		n.Auths = append(n.Auths, zoneRight+right+"/"+zone)
	}
	n.Profiles = slices.DeleteFunc(slices.Clone(u.Profiles), func(p string) bool { return p == profile })
	if slices.ContainsFunc(n.Auths, func(a string) bool { return strings.HasPrefix(a, zoneRight) && strings.Contains(a, "/") }) {
		n.Profiles = append(n.Profiles, profile)
	}
	same := func(a, b []string) bool {
		a, b = slices.Clone(a), slices.Clone(b)
		slices.Sort(a)
		slices.Sort(b)
		return slices.Equal(a, b)
	}
	return n, !same(n.Auths, u.Auths) || !same(n.Profiles, u.Profiles)
}

// Command returns the command that makes the system's lists those of the user.
func (u User) Command() []string {
	program := "/usr/sbin/usermod"
	if u.Role {
		program = "/usr/sbin/rolemod"
	}
	return []string{program, "-A", strings.Join(u.Auths, ","), "-P", strings.Join(u.Profiles, ","), u.Name}
}
