package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/rootfs/copyfile"
)

// copy copies a zonepath and reports its progress.
func (t *Target) copy(ctx context.Context, text, from, to string) error {
	defer t.printedStep(Copying, text)()
	c := &copier{from: from, to: to, linked: map[inode]string{}, ctx: ctx}
	if t.Progress != nil {
		c.copied = func(total int64) { t.Progress(Progress{Zone: t.Name, Step: Copying, Text: text, Bytes: total}) }
	}
	root, err := os.OpenRoot(from)
	if err != nil {
		return err
	}
	info, err := root.Stat(".")
	if err != nil {
		return errors.Join(err, root.Close())
	}
	err = c.directory(root, ".", info)
	var deep *fs.PathError
	if errors.Is(err, syscall.ENAMETOOLONG) && errors.As(err, &deep) { // too long for a line, too
		return fmt.Errorf("%s %.200s...: %w", deep.Op, deep.Path, deep.Err)
	}
	return err
}

// inode identifies a file of the source.
type inode struct{ device, number uint64 }

// copier copies the contents of a directory into an existing one: files, links, devices
// and directories, with owner, mode and times. Hard links within the directory are kept.
// Sockets and .zfs are left out.
//
// Somebody else may have a hand in the source, such as a process with a directory of the
// zone that it got before the zone was halted. So the source is read by descriptors, and
// what isn't what it was a moment ago is an error. Nobody has one in the copy.
type copier struct {
	from, to string
	linked   map[inode]string // copies of files with several links
	ctx      context.Context
	total    int64 // bytes copied
	copied   func(total int64)
}

// directory copies the contents of an open directory, which it closes, to one that exists,
// and then the mode and times of the directory itself, which copying changes.
func (c *copier) directory(root *os.Root, path string, info fs.FileInfo) (err error) {
	defer func() { err = errors.Join(err, root.Close()) }()
	dir, err := root.Open(".")
	if err != nil {
		return c.failed(path, err)
	}
	defer dir.Close()
	if now, err := dir.Stat(); err != nil || !os.SameFile(now, info) {
		return c.failed(path, errors.Join(err, errChanged))
	}
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return c.failed(path, err)
	}
	for _, e := range entries {
		if e.Name() == ".zfs" {
			continue
		}
		if err := c.entry(root, dir, path, e.Name()); err != nil {
			return err
		}
	}
	return c.attributes(dir, ".", path, info)
}

// errChanged is the error of a file that was exchanged between the look at it and its opening.
var errChanged = errors.New("it was changed while it was copied")

// entry copies a name in a directory, which is open twice.
func (c *copier) entry(root *os.Root, dir *os.File, above, name string) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	path := filepath.Join(above, name)
	target := filepath.Join(c.to, path)
	info, err := root.Lstat(name)
	if err != nil {
		return c.failed(path, err)
	}
	stat, err := posix.StatOf(info)
	if err != nil {
		return err
	}
	id := inode{stat.Device, stat.Inode}
	if first, ok := c.linked[id]; ok && !info.IsDir() {
		return os.Link(first, target)
	}
	switch info.Mode().Type() {
	case fs.ModeDir:
		if err := os.Mkdir(target, 0o700); err != nil {
			return err
		}
		below, err := root.OpenRoot(name)
		if err != nil {
			return c.failed(path, err)
		}
		return c.directory(below, path, info)
	case fs.ModeSymlink:
		text, err := root.Readlink(name)
		if err != nil {
			return c.failed(path, err)
		}
		if err := os.Symlink(text, target); err != nil {
			return err
		}
		return os.Lchown(target, int(stat.UID), int(stat.GID))
	case fs.ModeSocket:
		return nil
	case fs.ModeNamedPipe:
		err = posix.Mkfifo(target, 0o600)
	case fs.ModeDevice, fs.ModeDevice | fs.ModeCharDevice:
		err = posix.Mknod(target, stat)
	default:
		err = c.file(root, name, path, info)
	}
	if err != nil {
		return err
	}
	if stat.Links > 1 {
		c.linked[id] = target
	}
	return c.attributes(dir, name, path, info)
}

// attributes sets owner, extended attributes, mode and modification time of a copy. Changing
// the owner clears capabilities and the set-user-id bit, so it comes first.
func (c *copier) attributes(dir *os.File, name, path string, info fs.FileInfo) error {
	target := filepath.Join(c.to, path)
	stat, err := posix.StatOf(info)
	if err != nil {
		return err
	}
	if err := os.Lchown(target, int(stat.UID), int(stat.GID)); err != nil {
		return err
	}
	if err := copyfile.Attributes(target, dir, name); err != nil {
		return c.failed(path, err)
	}
	return errors.Join(
		os.Chmod(target, info.Mode()),
		os.Chtimes(target, info.ModTime(), info.ModTime()),
	)
}

func (c *copier) file(root *os.Root, name, path string, info fs.FileInfo) (err error) {
	in, err := root.OpenFile(name, os.O_RDONLY|posix.NoFollow|posix.NonBlock, 0)
	if err != nil {
		return c.failed(path, err)
	}
	defer in.Close()
	if now, err := in.Stat(); err != nil || !os.SameFile(now, info) {
		return c.failed(path, errors.Join(err, errChanged))
	}
	out, err := os.OpenFile(filepath.Join(c.to, path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	n, err := copyfile.Data(out, in)
	c.total += n
	if c.copied != nil {
		c.copied(c.total)
	}
	return err
}

// failed returns the error of a file of the source with its path: those of descriptors have
// only its name.
func (c *copier) failed(path string, err error) error {
	op, cause := "copy", err
	var failed *fs.PathError
	if errors.As(err, &failed) {
		op, cause = failed.Op, failed.Err
	}
	return fmt.Errorf("%s %s: %w", op, filepath.Join(c.from, path), cause)
}
