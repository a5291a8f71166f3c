package tree

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Unpack fills root from source: a tar archive or the directory of an OCI image
// layout. The error names the entry that couldn't be made.
func Unpack(ctx context.Context, source, root string) error {
	if source == "" {
		return errors.New("no archive given: use -a FILE")
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	if info.IsDir() {
		return unpackImage(ctx, source, r)
	}
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unpackStream(ctx, file, r, false); err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	return nil
}

// unpackStream unpacks a tar archive, compressed or not. If layer is set, the whiteout
// files of an image layer remove what they name.
func unpackStream(ctx context.Context, in io.Reader, r *os.Root, layer bool) error {
	plain, done, err := decompress(bufio.NewReaderSize(in, 1<<16))
	if err != nil {
		return err
	}
	defer done()
	u := &unpacker{root: r, archive: tar.NewReader(plain), owner: os.Geteuid() == 0, layer: layer}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		header, err := u.archive.Next()
		if err == io.EOF {
			return u.finish()
		}
		if err != nil {
			return err
		}
		if err := u.entry(header); err != nil {
			return fmt.Errorf("entry %q: %w", header.Name, err)
		}
	}
}

func decompress(in *bufio.Reader) (io.Reader, func(), error) {
	head, _ := in.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		plain, err := gzip.NewReader(in)
		return plain, func() {}, err
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		plain, err := zstd.NewReader(in)
		if err != nil {
			return nil, nil, err
		}
		return plain, plain.Close, nil
	}
	return in, func() {}, nil
}

type unpacker struct {
	root    *os.Root
	archive *tar.Reader
	owner   bool // set the archive's user and group IDs, which only root can
	layer   bool
	dirs    []dirTime
}

// dirTime is the time of a directory, set after its last entry is made.
type dirTime struct {
	name string
	mode fs.FileMode
	time time.Time
}

// clean returns an entry's name below the root: a path that would lead out of it is
// cut at the root.
func clean(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

func (u *unpacker) entry(h *tar.Header) error {
	name := clean(h.Name)
	if base := path.Base(name); u.layer && strings.HasPrefix(base, whiteout) {
		if base == opaque {
			return u.empty(path.Dir(name))
		}
		return u.root.RemoveAll(path.Join(path.Dir(name), strings.TrimPrefix(base, whiteout)))
	}
	if name == "" {
		return nil
	}
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	mode := h.FileInfo().Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	if h.Typeflag != tar.TypeDir {
		if err := u.root.RemoveAll(name); err != nil {
			return err
		}
	}
	switch h.Typeflag {
	case tar.TypeDir:
		if info, err := u.root.Lstat(name); err == nil && !info.IsDir() {
			if err := u.root.Remove(name); err != nil {
				return err
			}
		}
		if err := u.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		u.dirs = append(u.dirs, dirTime{name, mode, h.ModTime})
		return u.chown(name, h)
	case tar.TypeReg:
		if err := u.file(name); err != nil {
			return err
		}
	case tar.TypeLink:
		return u.root.Link(clean(h.Linkname), name)
	case tar.TypeSymlink:
		if err := u.root.Symlink(h.Linkname, name); err != nil {
			return err
		}
		return u.chown(name, h)
	case tar.TypeXGlobalHeader:
		return nil
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return nil // a zone's /dev is made when it boots
	default:
		return fmt.Errorf("type %q is not allowed in a root directory", h.Typeflag)
	}
	if err := u.chown(name, h); err != nil {
		return err
	}
	if err := u.root.Chmod(name, mode); err != nil {
		return err
	}
	return u.root.Chtimes(name, h.ModTime, h.ModTime)
}

func (u *unpacker) file(name string) error {
	out, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, u.archive)
	return errors.Join(err, out.Close())
}

func (u *unpacker) chown(name string, h *tar.Header) error {
	if !u.owner {
		return nil
	}
	return u.root.Lchown(name, h.Uid, h.Gid)
}

// empty removes what lower layers put into a directory.
func (u *unpacker) empty(dir string) error {
	opened, err := u.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	names, err := opened.Readdirnames(-1)
	opened.Close()
	for _, name := range names {
		err = errors.Join(err, u.root.RemoveAll(path.Join(dir, name)))
	}
	return err
}

// finish sets the modes and times of directories that would have been in the way of
// making entries.
func (u *unpacker) finish() error {
	for i := len(u.dirs) - 1; i >= 0; i-- {
		d := u.dirs[i]
		info, err := u.root.Lstat(d.name)
		if err != nil || !info.IsDir() {
			continue // a later entry replaced it
		}
		if err := u.root.Chmod(d.name, d.mode); err != nil {
			return err
		}
		if err := u.root.Chtimes(d.name, d.time, d.time); err != nil {
			return err
		}
	}
	return nil
}
