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

// pointKind says what to do about a mount point that doesn't exist.
type pointKind int

const (
	looking    pointKind = iota // return an error
	makingDir                   // make it, and the directories above it
	makingFile                  // make it a file, and the directories above it
)

// below joins a path in a zone to the zone's root. No part of it may be a symbolic link: the
// zone could have made one that leads out of its root.
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
			failed := &zone.Error{Op: zone.OpMountPoint, ID: id, Name: "/" + strings.Join(names[:i+1], "/"), Errno: e}
			if cause := zone.AsError(err); cause.Op != "" {
				failed.Cause = cause
			}
			return "", failed
		}
	}
	return at, nil
}

// step checks one part of a path, and makes it if it doesn't exist.
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
		return nil // mount(2) checks whether the types fit
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
