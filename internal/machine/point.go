package machine

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// pointKind says what becomes of a mount point that isn't there.
type pointKind int

const (
	looking    pointKind = iota // nothing: it is an error
	makingDir                   // it is made, and the directories on the way
	makingFile                  // the same, the last one a file
)

// below joins a path in a zone to the zone's root. No part below may be a link,
// which the zone could have put there to lead out.
func below(id zone.ID, root, inside string, kind pointKind) (string, error) {
	if !path.IsAbs(inside) {
		return "", &zone.Error{Op: zone.OpMountPoint, ID: id, Name: inside, Errno: errno.EINVAL}
	}
	at, names := root, strings.Split(strings.Trim(path.Clean(inside), "/"), "/")
	if names[0] == "" {
		return root, nil
	}
	for i, name := range names {
		at = filepath.Join(at, name)
		want := kind
		if i < len(names)-1 && kind == makingFile {
			want = makingDir
		}
		if err := step(at, want, i == len(names)-1); err != nil {
			e, ok := errno.Of(err)
			if !ok {
				e = errno.EIO
			}
			return "", &zone.Error{Op: zone.OpMountPoint, ID: id, Name: "/" + strings.Join(names[:i+1], "/"), Errno: e}
		}
	}
	return at, nil
}

// step looks at one part of the way and makes it where it isn't there.
func step(at string, kind pointKind, last bool) error {
	info, err := os.Lstat(at)
	if errors.Is(err, os.ErrNotExist) && kind != looking {
		if err = makePart(at, kind); err == nil {
			info, err = os.Lstat(at)
		}
	}
	switch {
	case err != nil:
		return err
	case info.Mode()&os.ModeSymlink != 0:
		return errno.ELOOP
	case kind == looking && last:
		return nil // the system tells whether the one can be mounted on the other
	case info.IsDir() == (kind == makingFile):
		return errno.ENOTDIR
	}
	return nil
}

func makePart(at string, kind pointKind) error {
	if kind == makingDir {
		return os.Mkdir(at, 0o755)
	}
	f, err := os.OpenFile(at, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}
