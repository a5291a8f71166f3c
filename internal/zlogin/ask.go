package zlogin

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// ask runs a brand's command that looks up a user, in the zone. It returns nil if the
// zone has no such user.
func (l *Login) ask(id zone.ID, command string) *User {
	out, err := l.output(id, &zone.Cmd{Path: directShell, Args: []string{"sh", "-c", command}, Env: environment(defaultPath, "")})
	if err != nil {
		return nil
	}
	line, _, _ := strings.Cut(string(out), "\n")
	u, _ := parsePasswd(line)
	return u
}

// groups asks the zone for the groups of a user.
func (l *Login) groups(id zone.ID, user string) ([]uint32, error) {
	out, err := l.output(id, &zone.Cmd{Path: "/usr/bin/id", Args: []string{"id", "-G", user}, Env: environment(defaultPath, "")})
	if err != nil {
		return nil, err
	}
	var groups []uint32
	for _, field := range strings.Fields(string(out)) {
		gid, err := strconv.ParseUint(field, 10, 32)
		if err != nil {
			return nil, err
		}
		groups = append(groups, uint32(gid))
	}
	return groups, nil
}

// output runs a program in a zone and returns what it wrote, or an error if its exit
// status isn't 0.
func (l *Login) output(id zone.ID, cmd *zone.Cmd) ([]byte, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd.Stdout = ForChild(w)
	process, err := l.Kernel.Start(id, cmd)
	w.Close()
	if err != nil {
		return nil, err
	}
	defer process.Close()
	var out bytes.Buffer
	if _, err := io.Copy(&out, io.LimitReader(r, largestFile)); err != nil {
		return nil, err
	}
	status, err := process.Wait()
	if err == nil && status != (zone.ExitStatus{}) {
		err = errno.EIO
	}
	return out.Bytes(), err
}
