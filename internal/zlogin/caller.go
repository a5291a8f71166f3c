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

// CallerNow returns the user of this process: the real user, the authorizations and the
// missing privileges. The error is an *[Error] if the system doesn't know the user.
func CallerNow() (Caller, error) {
	uid := os.Getuid()
	name, ok := userName(uid)
	if !ok {
		return Caller{}, refused("could not get user name.")
	}
	c := Caller{Name: name}
	// Without privileges in the system, the kernel decides about each call.
	if set, err := priv.Own(priv.Effective); err == nil {
		c.Missing = priv.Full().Intersect(set.Inverse())
	}
	if program, err := exec.LookPath(authsProgram); err == nil && uid != 0 {
		c.Authorized = authorizations(program, name)
	}
	return c, nil
}

// userName looks in the system's files, then in its other user databases.
func userName(uid int) (string, bool) {
	number := strconv.Itoa(uid)
	if u, err := user.LookupId(number); err == nil {
		return u.Username, true
	}
	out, err := exec.Command("getent", "passwd", number).Output()
	name, _, ok := strings.Cut(string(out), ":")
	return name, err == nil && ok
}

// authsProgram lists authorizations (auths(1)). A system without it has none: there,
// whoever can reach the kernel process may make any call.
const authsProgram = "/usr/bin/auths"

// authorizations reads a user's authorizations when the first one is needed.
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

// authorized reports whether an authorization is granted: by its name, by a wildcard
// (solaris.zone.*), or by the same authorization without the object behind the slash.
func authorized(granted []string, wanted string) bool {
	general, _, _ := strings.Cut(wanted, "/")
	for _, g := range granted {
		if begin, star := strings.CutSuffix(g, "*"); star && strings.HasPrefix(wanted, begin) || g == wanted || g == general {
			return true
		}
	}
	return false
}

// The privileges that a session keeps: the basic set less what it won't need, and what
// it takes to signal processes of the zone.
var (
	keepForPipes       = priv.Basic().Intersect(priv.Of("proc_info", "proc_fork", "proc_exec", "file_link_any").Inverse()).With("proc_zone", "proc_owner")
	keepForInteractive = priv.Basic().Intersect(priv.Of("proc_info", "proc_fork", "proc_exec", "file_link_any", "proc_session").Inverse())
)

// dropPrivileges gives up all others for good.
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
