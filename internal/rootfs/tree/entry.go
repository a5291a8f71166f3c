package tree

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gozones/zones/internal/rootfs/remove"
)

// unpacker makes the entries of one archive after the other in a root directory.
type unpacker struct {
	ctx     context.Context
	root    *os.Root
	owner   bool // set user and group ids, which only root can
	archive *tar.Reader
	layer   bool
	made    map[string]bool // paths that this archive has made, for whiteouts
	left    leftOut

	// dirs have the modes and times of directories by path. They are set at the end,
	// since they could be in the way of making entries.
	dirs map[string]dirEnd

	resolved map[string]string // directories by their unresolved path
}

type dirEnd struct {
	mode fs.FileMode
	time time.Time
}

func newUnpacker(ctx context.Context, root *os.Root) *unpacker {
	return &unpacker{ctx: ctx, root: root, owner: os.Geteuid() == 0, dirs: map[string]dirEnd{}, resolved: map[string]string{}}
}

// entry makes an entry of the archive.
func (u *unpacker) entry(h *tar.Header) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	if err := owners(h); err != nil {
		return err
	}
	words := components(h.Name)
	if u.layer && len(words) > 0 && strings.HasPrefix(words[len(words)-1], whiteout) {
		return u.white(words[:len(words)-1], words[len(words)-1])
	}
	dir, base, err := u.locate(words)
	if err != nil {
		return err
	}
	if base == "" {
		if h.Typeflag == tar.TypeDir {
			return nil // the mode and owner of the root directory are the zone's matter
		}
		return errors.New("it would replace the root directory")
	}
	name := path.Join(dir, base)
	if h.Typeflag == tar.TypeLink {
		return u.link(name, h.Linkname)
	}
	old, err := u.root.Lstat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && !(old.IsDir() && h.Typeflag == tar.TypeDir) {
		if err := u.replace(name); err != nil {
			return err
		}
		old = nil
	}
	u.made[name] = true
	mode := h.FileInfo().Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	switch h.Typeflag {
	case tar.TypeDir:
		if old == nil {
			if err := u.root.Mkdir(name, 0o700); err != nil {
				return err
			}
		}
		u.dirs[name] = dirEnd{mode, h.ModTime}
		if err := u.chown(name, h); err != nil {
			return err
		}
		return u.xattrs(name, h)
	case tar.TypeSymlink:
		if err := u.root.Symlink(h.Linkname, name); err != nil {
			return err
		}
		return u.chown(name, h)
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		if err := u.file(name, h.Size); err != nil {
			return err
		}
	case tar.TypeFifo, tar.TypeChar, tar.TypeBlock:
		if made, err := u.special(dir, base, h); err != nil || !made {
			delete(u.made, name)
			return err
		}
	default:
		return fmt.Errorf("type %q is not allowed in a root directory", h.Typeflag)
	}
	// In this order: a change of the owner clears capabilities and the set-id bits.
	if err := u.chown(name, h); err != nil {
		return err
	}
	if err := u.root.Chmod(name, mode); err != nil {
		return err
	}
	if kind := h.Typeflag; kind != tar.TypeFifo && kind != tar.TypeChar && kind != tar.TypeBlock {
		if err := u.xattrs(name, h); err != nil {
			return err
		}
	}
	return u.root.Chtimes(name, h.ModTime, h.ModTime)
}

// owners checks the ids of an entry: the highest one means "no change" to chown(2), and
// others wouldn't be what they say.
func owners(h *tar.Header) error {
	const ids = 1<<32 - 1
	if int64(h.Uid) < 0 || int64(h.Uid) >= ids {
		return fmt.Errorf("%d is no user id", h.Uid)
	}
	if int64(h.Gid) < 0 || int64(h.Gid) >= ids {
		return fmt.Errorf("%d is no group id", h.Gid)
	}
	return nil
}

// replace removes what has the name of a new entry.
func (u *unpacker) replace(name string) error {
	u.forget()
	for dir := range u.dirs {
		if dir == name || strings.HasPrefix(dir, name+"/") {
			delete(u.dirs, dir)
		}
	}
	dir, err := u.root.Open(path.Dir(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	return remove.In(u.ctx, dir, path.Base(name))
}

// link makes a hard link to another entry.
func (u *unpacker) link(name, target string) error {
	words := components(target)
	if len(words) == 0 || words[len(words)-1] == ".." {
		return fmt.Errorf("a hard link to the directory %q", target)
	}
	dir, err := u.directory(words[:len(words)-1], false)
	if err != nil {
		return err
	}
	to := path.Join(dir, words[len(words)-1])
	info, err := u.root.Lstat(to)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("a hard link to the directory %q", target)
	case to == name:
		u.made[name] = true
		return nil
	case strings.HasPrefix(to, name+"/"):
		return fmt.Errorf("a hard link to %q, in the directory that it replaces", target)
	}
	if _, err := u.root.Lstat(name); err == nil {
		if err := u.replace(name); err != nil {
			return err
		}
	}
	u.made[name] = true
	return u.root.Link(to, name)
}

func (u *unpacker) chown(name string, h *tar.Header) error {
	if !u.owner {
		return nil
	}
	return u.root.Lchown(name, h.Uid, h.Gid)
}

// finish sets the modes and times of directories, the innermost first.
func (u *unpacker) finish() error {
	names := make([]string, 0, len(u.dirs))
	for name := range u.dirs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Backward(names) {
		end := u.dirs[name]
		if err := u.root.Chmod(name, end.mode); err != nil {
			return err
		}
		if err := u.root.Chtimes(name, end.time, end.time); err != nil {
			return err
		}
	}
	return nil
}
