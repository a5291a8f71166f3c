package zlogin

import (
	"errors"
	"fmt"
	"os"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// session is one login: a program that is to be run in a zone.
type session struct {
	t     *Tool
	o     *options
	id    zone.ID
	cmd   *zone.Cmd
	paths []string // of the program: the first that there is, is run
}

// start runs the program, from the user's home directory where there is one.
func (s *session) start() (zone.Process, error) {
	p, err := s.first()
	if err == nil || s.cmd.Dir == "" || s.cmd.Dir == "/" || !notThere(err) {
		return p, err
	}
	// It may be the directory that isn't there.
	home := s.cmd.Dir
	s.cmd.Dir = ""
	p, again := s.first()
	if again != nil {
		return nil, err
	}
	fmt.Fprintf(s.t.Err, "Could not chdir to home directory %s: %s\n", home, reason(err))
	return p, nil
}

func notThere(err error) bool {
	e := zone.ErrnoOf(err)
	return e == errno.ENOENT || e == errno.EACCES || e == errno.ENOTDIR
}

// first runs the first of the paths that there is.
func (s *session) first() (p zone.Process, err error) {
	for _, path := range s.paths {
		s.cmd.Path = path
		p, err = s.t.Kernel.Start(s.id, s.cmd)
		if zone.ErrnoOf(err) != errno.ENOENT {
			return p, err
		}
	}
	return nil, err
}

// notStarted says why nothing runs and returns the exit status, for a command the
// one that a shell would have.
func (s *session) notStarted(err error) int {
	e := zone.ErrnoOf(err)
	var refused *zone.Error
	if errors.As(err, &refused) && refused.Op == "zone_enter" {
		s.t.sayOf(fmt.Sprintf("could not enter zone %s", s.o.zone), err)
		return ExitFailed
	}
	if len(s.o.command) > 0 && s.paths[len(s.paths)-1] != s.cmd.Args[0] {
		s.t.say("%s: not found in zone %s", s.cmd.Args[0], s.o.zone)
		return statusNotFound
	}
	s.t.sayOf("exec failure", e)
	return ExitFailed
}

// statusNotFound is what shells exit with when there is no such command.
const statusNotFound = 127

// status is the exit status for how a program ended: of one that a signal ended
// there is none.
func status(exit zone.ExitStatus) int { return exit.Code }

// passable tells that a file can be handed into the zone as it is: it is no way to
// a terminal of the caller's, to a directory or to a device.
func passable(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	mode := info.Mode()
	return mode.IsRegular() || mode.Type() == os.ModeNamedPipe || mode&os.ModeCharDevice != 0 && isNull(info)
}

// isNull tells that a file is the null device.
func isNull(info os.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}
