package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Names of an image layer with a meaning (OCI image specification, "Whiteouts"): the
// prefix removes the file that follows it, the whole name everything in its directory.
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

// remains are names that old image builders left in layers. They mean nothing.
var remains = map[string]bool{".wh..wh.aufs": true, ".wh..wh.orph": true, ".wh..wh.plnk": true}

// white applies a whiteout. It acts on what lower layers have, wherever in the layer it is.
func (u *unpacker) white(in []string, base string) error {
	name := strings.TrimPrefix(base, whiteout)
	if name == "" || name == "." || name == ".." || strings.HasPrefix(name, whiteout) && base != opaque && !remains[base] {
		return errors.New("not the name of a whiteout")
	}
	dir, err := u.directory(in, false)
	switch {
	case errors.Is(err, fs.ErrNotExist), remains[base]:
		return nil
	case err != nil:
		return err
	case base == opaque:
		return u.lowerEntries(dir)
	}
	return u.lower(path.Join(dir, name))
}

// lower removes a path of lower layers, but nothing that this layer has made.
func (u *unpacker) lower(name string) error {
	info, err := u.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	u.forget()
	if !info.IsDir() {
		if u.made[name] {
			return nil
		}
		return u.root.Remove(name)
	}
	if err := u.lowerEntries(name); err != nil {
		return err
	}
	if u.made[name] {
		return nil
	}
	if rest, err := u.names(name); err != nil || len(rest) > 0 {
		return err // this layer has made something in it
	}
	delete(u.dirs, name)
	return u.root.Remove(name)
}

func (u *unpacker) lowerEntries(dir string) error {
	names, err := u.names(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := u.lower(path.Join(dir, name)); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	return nil
}

// names returns the names in a directory; none if it doesn't exist.
func (u *unpacker) names(dir string) ([]string, error) {
	opened, err := u.root.Open(path.Join(".", dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return opened.Readdirnames(-1)
}
