package machine

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// entrance is the name by which the child that enters a zone knows what it is.
const entrance = "zones-enter"

// The child's descriptors beside the three standard ones.
const (
	requestFD = 3 // what is to be done, as JSON
	outcomeFD = 4 // what failed, as JSON; closed by the exec that succeeds
)

// request is what the child is to do.
type request struct {
	Zone     zone.ID  `json:"zone"`
	Path     string   `json:"path"`
	Args     []string `json:"args"`
	Env      []string `json:"env"`
	Dir      string   `json:"dir"`
	Terminal string   `json:"terminal,omitempty"` // its name inside the zone
	Like     bool     `json:"like,omitempty"`     // stdin is the terminal that it is to be like
	Login    bool     `json:"login,omitempty"`
	Null     [3]bool  `json:"null"` // which standard files are /dev/null
	UID      uint32   `json:"uid"`
	GID      uint32   `json:"gid"`
	Groups   []uint32 `json:"groups"`
}

// outcome is what failed in the child.
type outcome struct {
	Op    string      `json:"op"`
	Errno errno.Errno `json:"errno"`
}

// requestFor checks what is asked and puts it into the child's form.
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
		return nil, fail("a terminal and standard files are asked for")
	}
	for _, list := range [][]string{{cmd.Path, cmd.Dir}, cmd.Args, cmd.Env} {
		for _, text := range list {
			if strings.ContainsRune(text, 0) {
				return nil, fail("a text has a NUL in it")
			}
		}
	}
	r := &request{
		Zone: id, Path: cmd.Path, Args: cmd.Args, Env: cmd.Env, Dir: cmd.Dir, UID: cmd.UID, GID: cmd.GID, Groups: cmd.Groups,
		Like: cmd.Pty && cmd.Like != nil, Login: cmd.Pty && cmd.Login,
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

// failure reads what the child has said: nothing when the program runs.
func failure(id zone.ID, cmd *zone.Cmd, said []byte) error {
	if len(said) == 0 {
		return nil
	}
	var o outcome
	if err := json.Unmarshal(said, &o); err != nil {
		return fmt.Errorf("starting %s in zone %d: the child said %q", cmd.Path, id, said)
	}
	return &zone.Error{Op: o.Op, ID: id, Errno: o.Errno}
}
