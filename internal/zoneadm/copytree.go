package zoneadm

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

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
	return c.directory(".")
}

// inode identifies a file of the source.
type inode struct{ device, number uint64 }

// copier copies the contents of a directory into an existing one: files, links, devices
// and directories, with owner, mode and times. Hard links within the directory are kept.
// Sockets and .zfs are left out.
type copier struct {
	from, to string
	linked   map[inode]string // copies of files with several links
	ctx      context.Context
	total    int64 // bytes copied
	copied   func(total int64)
}

// directory copies the contents of a directory that exists on both sides, and then the
// mode and times of the directory itself, which copying changes.
func (c *copier) directory(path string) error {
	entries, err := os.ReadDir(filepath.Join(c.from, path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".zfs" {
			continue
		}
		if err := c.entry(filepath.Join(path, e.Name())); err != nil {
			return err
		}
	}
	info, err := os.Lstat(filepath.Join(c.from, path))
	if err != nil {
		return err
	}
	return c.attributes(path, info)
}

func (c *copier) entry(path string) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	source, target := filepath.Join(c.from, path), filepath.Join(c.to, path)
	info, err := os.Lstat(source)
	if err != nil {
		return err
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
		return c.directory(path)
	case fs.ModeSymlink:
		text, err := os.Readlink(source)
		if err != nil {
			return err
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
		err = c.file(source, target)
	}
	if err != nil {
		return err
	}
	if stat.Links > 1 {
		c.linked[id] = target
	}
	return c.attributes(path, info)
}

// attributes sets owner, extended attributes, mode and modification time of a copy. Changing
// the owner clears capabilities and the set-user-id bit, so it comes first.
func (c *copier) attributes(path string, info fs.FileInfo) error {
	target := filepath.Join(c.to, path)
	stat, err := posix.StatOf(info)
	if err != nil {
		return err
	}
	return errors.Join(
		os.Lchown(target, int(stat.UID), int(stat.GID)),
		copyfile.Attributes(target, filepath.Join(c.from, path)),
		os.Chmod(target, info.Mode()),
		os.Chtimes(target, info.ModTime(), info.ModTime()),
	)
}

func (c *copier) file(source, target string) (err error) {
	in, err := os.OpenFile(source, os.O_RDONLY|posix.NoFollow|posix.NonBlock, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
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
