package zlogin

import (
	"os"

	"github.com/gozones/zones/zonecfg/brand"
)

// The PATH of what is run in a zone, and that of zones of this project's brands,
// whose programs may lie in more places.
const (
	systemPath = "/usr/sbin:/usr/bin"
	directPath = "/usr/sbin:/usr/bin:/sbin:/bin"
)

// searchPath is the PATH for zones of a brand.
func searchPath(b *brand.Brand) string {
	if b.Direct {
		return directPath
	}
	return systemPath
}

// environment is what a program starts with: nothing of the caller's but TERM. u is
// nil for a user that the zone doesn't know.
func environment(o *options, b *brand.Brand, u *account, interactive bool) []string {
	env := []string{"PATH=" + searchPath(b)}
	if term := os.Getenv("TERM"); term != "" {
		env = append(env, "TERM="+term)
	}
	switch {
	case o.safe:
		return append(env, "HOME=/", "SHELL=/sbin/sh")
	case interactive && !b.Direct:
		return env // login(1) does the rest
	case u == nil:
		return append(env, "HOME=/", "SHELL=/sbin/sh")
	}
	shell := u.shell
	if shell == "" {
		shell = "/sbin/sh"
	}
	return append(env, "LOGNAME="+u.name, "HOME="+u.home, "MAIL=/var/mail/"+u.name, "SHELL="+shell)
}
