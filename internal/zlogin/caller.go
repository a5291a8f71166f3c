package zlogin

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

// CallerNow finds out who runs this process: the real user, what he may and which
// privileges he lacks. An error of type *[Error] when the system doesn't know him.
func CallerNow() (Caller, error) {
	uid := os.Getuid()
	name, ok := userName(uid)
	if !ok {
		return Caller{}, refused("could not get user name.")
	}
	c := Caller{Name: name}
	// Where the system has no privileges, the kernel decides about each call.
	if set, err := priv.Own(priv.Effective); err == nil {
		c.Missing = priv.Full().Intersect(set.Inverse())
	}
	if program, err := exec.LookPath(authsProgram); err == nil && uid != 0 {
		c.Authorized = authorizations(program, name)
	}
	return c, nil
}

// userName asks the system's files, and then whatever else it knows users by.
func userName(uid int) (string, bool) {
	number := strconv.Itoa(uid)
	if u, err := user.LookupId(number); err == nil {
		return u.Username, true
	}
	out, err := exec.Command("getent", "passwd", number).Output()
	name, _, ok := strings.Cut(string(out), ":")
	return name, err == nil && ok
}

// authsProgram lists authorizations (auths(1)). Systems without it have none: there
// whoever reaches the kernel may do everything with it.
const authsProgram = "/usr/bin/auths"

// authorizations asks for a user's authorizations once one is wanted.
func authorizations(program, name string) func(string) bool {
	var granted []string
	asked := false
	return func(wanted string) bool {
		if !asked {
			out, _ := exec.Command(program, name).Output()
			granted = strings.FieldsFunc(string(out), func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
			asked = true
		}
		return authorized(granted, wanted)
	}
}

// authorized tells whether an authorization is among those granted: itself, or one
// that ends in a star and begins it. One that is for an object is had by who has it
// for all.
func authorized(granted []string, wanted string) bool {
	general, _, _ := strings.Cut(wanted, "/")
	for _, g := range granted {
		if begin, star := strings.CutSuffix(g, "*"); star && strings.HasPrefix(wanted, begin) || g == wanted || g == general {
			return true
		}
	}
	return false
}

// What a session keeps of the privileges: what a process may that has none of its
// own, less what it won't need, and what a signal to the zone takes.
var (
	keepForPipes       = priv.Basic().Intersect(priv.Of("proc_info", "proc_fork", "proc_exec", "file_link_any").Inverse()).With("proc_zone", "proc_owner")
	keepForInteractive = priv.Basic().Intersect(priv.Of("proc_info", "proc_fork", "proc_exec", "file_link_any", "proc_session").Inverse())
)

// dropPrivileges keeps only those, for the rest of the process's life.
func (l *Login) dropPrivileges(keep priv.Set) {
	if !l.Drop {
		return
	}
	for _, set := range []struct {
		which priv.Which
		name  string
	}{{priv.Permitted, "permitted"}, {priv.Limit, "limit"}, {priv.Inheritable, "inheritable"}} {
		err := priv.Change(priv.To, set.which, keep)
		if err != nil && !errors.Is(err, errno.ENOTSUP) {
			io.WriteString(l.Err, fmt.Sprintf("Warning: could not set %s privileges: %s\n", set.name, reason(err)))
		}
	}
}
