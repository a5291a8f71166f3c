package zlogin

import (
	"bufio"
	"bytes"
	"slices"
	"strconv"
	"strings"
)

const rootUser = "root"

// User is a user of a zone.
type User struct {
	Name     string
	UID, GID uint32
	Home     string
	Shell    string // "": the default shell
	Groups   []uint32
}

// parsePasswd parses a line of passwd(5).
func parsePasswd(line string) (*User, bool) {
	f := strings.Split(line, ":")
	if len(f) != 7 || f[0] == "" {
		return nil, false
	}
	uid, err1 := strconv.ParseUint(f[2], 10, 32)
	gid, err2 := strconv.ParseUint(f[3], 10, 32)
	if err1 != nil || err2 != nil {
		return nil, false
	}
	return &User{Name: f[0], UID: uint32(uid), GID: uint32(gid), Home: f[5], Shell: f[6]}, true
}

// findUser finds a user in the text of an /etc/passwd and adds the user's groups from
// the text of an /etc/group.
func findUser(name string, passwd, group []byte) (*User, bool) {
	for line := range bytes.Lines(passwd) {
		u, ok := parsePasswd(strings.TrimSuffix(string(line), "\n"))
		if !ok || u.Name != name {
			continue
		}
		u.Groups = groupsOf(name, group)
		if !slices.Contains(u.Groups, u.GID) {
			u.Groups = append([]uint32{u.GID}, u.Groups...)
		}
		return u, true
	}
	return nil, false
}

// groupsOf returns the groups in which group(5) lists a user.
func groupsOf(name string, group []byte) []uint32 {
	var groups []uint32
	lines := bufio.NewScanner(bytes.NewReader(group))
	lines.Buffer(nil, len(group)+1)
	for lines.Scan() {
		f := strings.Split(lines.Text(), ":")
		if len(f) != 4 || !slices.Contains(strings.Split(f[3], ","), name) {
			continue
		}
		if gid, err := strconv.ParseUint(f[2], 10, 32); err == nil && !slices.Contains(groups, uint32(gid)) {
			groups = append(groups, uint32(gid))
		}
	}
	return groups
}

// environment is the environment of a program, in the order of zlogin(1). Only TERM
// comes from the caller.
func environment(path, term string, more ...string) []string {
	env := []string{"PATH=" + path}
	if term != "" {
		env = append(env, "TERM="+term)
	}
	return append(env, more...)
}

// homeless is the environment for a user that the zone doesn't have.
func homeless(shell string) []string { return []string{"HOME=/", "SHELL=" + shell} }

// environment is what a login adds for a user.
func (u *User) environment(shell string) []string {
	if u.Shell != "" {
		shell = u.Shell
	}
	return []string{"LOGNAME=" + u.Name, "HOME=" + u.Home, "MAIL=/var/mail/" + u.Name, "SHELL=" + shell}
}
