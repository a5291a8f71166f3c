//go:build unix

package remove

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// deepest is how many directories are open at the same time. Deeper ones are first moved up
// into the directory that is removed.
const deepest = 64

// batch is how many names are read at once.
const batch = 1024

// Tree removes a file or a directory with everything below it. Something that doesn't exist
// is no error. If something can't be removed, or ctx is done, Tree returns that error and
// leaves the rest; the same call later continues. The error is a *[fs.PathError] with the
// path of what could not be removed; at a mount point it wraps EXDEV or EBUSY.
func Tree(ctx context.Context, path string) error {
	path = filepath.Clean(path)
	dir, err := os.OpenFile(filepath.Dir(path), os.O_RDONLY|unix.O_DIRECTORY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	return In(ctx, dir, filepath.Base(path))
}

// In is [Tree] for a name in an open directory.
func In(ctx context.Context, dir *os.File, name string) error {
	r := &remover{ctx: ctx}
	return r.entry(dir, name)
}

// Contents removes everything in a directory, and leaves the directory.
func Contents(ctx context.Context, path string) error {
	dir, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer dir.Close()
	r := &remover{ctx: ctx, top: dir, depth: 1}
	return r.contents(dir)
}

type remover struct {
	ctx   context.Context
	top   *os.File // the directory that is removed, once it is open
	depth int      // open directories
	moved int      // directories moved into top so far
}

// entry removes a name in a directory.
func (r *remover) entry(dir *os.File, name string) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	var stat unix.Stat_t
	err := again(func() error { return unix.Fstatat(int(dir.Fd()), name, &stat, unix.AT_SYMLINK_NOFOLLOW) })
	if err == nil && uint32(stat.Mode)&unix.S_IFMT == unix.S_IFDIR {
		return r.directory(dir, name, uint32(stat.Mode))
	}
	if err == nil {
		err = unlink(dir, name, 0)
	}
	return failed(dir, name, "unlink", err)
}

func (r *remover) directory(dir *os.File, name string, mode uint32) error {
	if r.depth >= deepest {
		err := r.up(dir, name)
		if errors.Is(err, unix.EACCES) && permit(dir, name, mode) == nil {
			err = r.up(dir, name)
		}
		return failed(dir, name, "rename", err)
	}
	child, err := open(dir, name)
	if errors.Is(err, unix.EACCES) && permit(dir, name, mode) == nil {
		child, err = open(dir, name)
	}
	if err != nil {
		return failed(dir, name, "open", err)
	}
	if r.top == nil {
		r.top = child
		defer func() { r.top = nil }()
	}
	r.depth++
	err = r.contents(child)
	r.depth--
	child.Close()
	if err != nil {
		return err
	}
	return failed(dir, name, "rmdir", unlink(dir, name, unix.AT_REMOVEDIR))
}

// contents removes everything in an open directory. Names that appear while it is read, such
// as those of directories that are moved up, are seen when it is read again.
func (r *remover) contents(dir *os.File) error {
	for {
		found := false
		for {
			names, err := dir.Readdirnames(batch)
			for _, name := range names {
				found = true
				if err := r.entry(dir, name); err != nil {
					return err
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
		if !found {
			return nil
		}
		if _, err := dir.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
}

// up moves a directory into the one that is removed, under a name that is free there.
func (r *remover) up(dir *os.File, name string) error {
	for {
		r.moved++
		// Renaming replaces an empty directory, which is as good as a free name.
		err := unix.Renameat(int(dir.Fd()), name, int(r.top.Fd()), ".removed-"+strconv.Itoa(r.moved))
		if !errors.Is(err, unix.EEXIST) && !errors.Is(err, unix.ENOTEMPTY) && !errors.Is(err, unix.ENOTDIR) {
			return err
		}
	}
}

// permit gives the caller the permissions to empty a directory of its own, and to rename it.
func permit(dir *os.File, name string, mode uint32) error {
	return errors.Join(permitIn(dir), chmod(dir, name, mode&0o7777|0o700))
}

// permitIn gives the caller the permissions to remove names from a directory of its own.
func permitIn(dir *os.File) error {
	info, err := dir.Stat()
	if err != nil || info.Mode().Perm()&0o700 == 0o700 {
		return err
	}
	return dir.Chmod(info.Mode() | 0o700)
}

// unlink removes a name. In a directory of the caller's own that it may not write to, it
// first gives itself the permission.
func unlink(dir *os.File, name string, flags int) error {
	call := func() error {
		return again(func() error { return unix.Unlinkat(int(dir.Fd()), name, flags) })
	}
	err := call()
	if errors.Is(err, unix.EACCES) && permitIn(dir) == nil {
		err = call()
	}
	return err
}

// failed returns the error of a call. A name that is gone is no error: others may remove
// from the tree as well.
func failed(dir *os.File, name, call string, err error) error {
	if err == nil || errors.Is(err, unix.ENOENT) {
		return nil
	}
	path := filepath.Join(dir.Name(), name)
	if errors.Is(err, unix.EXDEV) || errors.Is(err, unix.EBUSY) {
		err = fmt.Errorf("it is a mount point or in use: %w", err)
	}
	if errors.Is(err, unix.EPERM) && os.Geteuid() == 0 {
		err = fmt.Errorf("it or its directory is immutable or append-only: %w", err)
	}
	return &fs.PathError{Op: call, Path: path, Err: err}
}

func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
