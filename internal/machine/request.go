package machine

import (
	"fmt"
	"path"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// request is what the child does.
type request struct {
	Zone     zone.ID  `json:"zone"`
	Path     string   `json:"path"`
	Args     []string `json:"args"`
	Env      []string `json:"env"`
	Dir      string   `json:"dir"`
	Terminal string   `json:"terminal,omitempty"` // its name inside the zone
	TTY      bool     `json:"tty,omitempty"`      // stdin becomes the controlling terminal
	Login    bool     `json:"login,omitempty"`
	Null     [3]bool  `json:"null"` // which standard files are /dev/null
	UID      uint32   `json:"uid"`
	GID      uint32   `json:"gid"`
	Groups   []uint32 `json:"groups"`
	// Mounts are all that the child does, if there are any.
	Mounts []zone.Mount `json:"mounts,omitempty"`
}

// requestFor checks a command and returns the child's request.
func requestFor(id zone.ID, cmd *zone.Cmd) (*request, error) {
	fail := func(why string) error {
		return fmt.Errorf("starting %q in zone %d: %s: %w", cmd.Path, id, why, errno.EINVAL)
	}
	if !path.IsAbs(cmd.Path) {
		return nil, fail("the path is not absolute")
	}
	if cmd.Dir != "" && !path.IsAbs(cmd.Dir) {
		return nil, fail("the directory's path is not absolute")
	}
	if cmd.Pty && (cmd.Stdin != nil || cmd.Stdout != nil || cmd.Stderr != nil) {
		return nil, fail("a program with a terminal of its own takes no standard files")
	}
	if cmd.Controlling && cmd.Stdin == nil {
		return nil, fail("there is no standard input to be its controlling terminal")
	}
	for _, list := range [][]string{{cmd.Path, cmd.Dir}, cmd.Args, cmd.Env} {
		for _, text := range list {
			if strings.ContainsRune(text, 0) {
				return nil, fail("a string contains a NUL")
			}
		}
	}
	r := &request{
		Zone: id, Path: cmd.Path, Args: cmd.Args, Env: cmd.Env, Dir: cmd.Dir, UID: cmd.UID, GID: cmd.GID, Groups: cmd.Groups,
		TTY: cmd.Controlling, Login: cmd.Pty && cmd.Login,
		Null: [3]bool{cmd.Stdin == nil, cmd.Stdout == nil, cmd.Stderr == nil},
	}
	if len(r.Args) == 0 {
		r.Args = []string{cmd.Path}
	}
	if r.Dir == "" {
		r.Dir = "/"
	}
	return r, nil
}

// failure decodes what the child has written: nothing if it has executed the program.
func failure(id zone.ID, cmd *zone.Cmd, written []byte) error {
	e, err := zone.DecodeError(written)
	if err != nil {
		return fmt.Errorf("starting %s in zone %d: the child wrote %q", cmd.Path, id, written)
	}
	if e == nil {
		return nil
	}
	return e
}

// childError is the failure of a step of the child: the operation, what it was about, and
// the error, which may already be that of the operation.
func childError(op, name string, id zone.ID, err error) *zone.Error {
	cause := zone.AsError(err)
	if cause.Op == op {
		return cause
	}
	e := &zone.Error{Op: op, Name: name, ID: id, Errno: zone.ErrnoOf(err)}
	if *cause != (zone.Error{Errno: e.Errno}) {
		e.Cause = cause
	}
	return e
}
