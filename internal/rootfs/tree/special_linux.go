package tree

import (
	"archive/tar"
	"errors"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// special makes a FIFO or a device node. made is false if the node is left out: in /dev,
// which a zone gets when it boots, and where the user may not make it.
func (u *unpacker) special(dir, base string, h *tar.Header) (made bool, err error) {
	kind := map[byte]uint32{tar.TypeFifo: unix.S_IFIFO, tar.TypeChar: unix.S_IFCHR, tar.TypeBlock: unix.S_IFBLK}[h.Typeflag]
	if kind != unix.S_IFIFO && (dir == "dev" || strings.HasPrefix(dir, "dev/")) {
		u.left.dev++
		return false, nil
	}
	parent, err := u.root.Open(path.Join(".", dir))
	if err != nil {
		return false, err
	}
	defer parent.Close()
	err = unix.Mknodat(int(parent.Fd()), base, kind|0o600, int(unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor))))
	if errors.Is(err, unix.EPERM) && kind != unix.S_IFIFO {
		u.left.devices++
		return false, nil
	}
	return err == nil, os.NewSyscallError("mknodat", err)
}

// Prefixes of the records that have extended attributes: GNU and BSD tar's.
const (
	schily     = "SCHILY.xattr."
	libarchive = "LIBARCHIVE.xattr."
)

// xattrs sets the extended attributes of a file or directory. Those that the user or the
// file system doesn't allow are left out.
func (u *unpacker) xattrs(name string, h *tar.Header) error {
	var file *os.File
	for key, value := range h.PAXRecords {
		attribute, ok := strings.CutPrefix(key, schily)
		if !ok {
			if strings.HasPrefix(key, libarchive) && h.PAXRecords[schily+strings.TrimPrefix(key, libarchive)] == "" {
				u.left.xattrs++ // in an encoding of its own, usually beside the other
			}
			continue
		}
		if file == nil {
			var err error
			if file, err = u.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0); err != nil {
				return err
			}
			defer file.Close()
		}
		err := unix.Fsetxattr(int(file.Fd()), attribute, []byte(value), 0)
		switch {
		case errors.Is(err, unix.EPERM), errors.Is(err, unix.EOPNOTSUPP):
			u.left.xattrs++
		case err != nil:
			return &os.PathError{Op: "fsetxattr " + attribute, Path: name, Err: err}
		}
	}
	return nil
}

// capacity returns the size of the file system of a directory, 0 if it isn't known.
func capacity(root *os.Root) int64 {
	dir, err := root.Open(".")
	if err != nil {
		return 0
	}
	defer dir.Close()
	var stat unix.Statfs_t
	if unix.Fstatfs(int(dir.Fd()), &stat) != nil {
		return 0
	}
	return int64(stat.Blocks) * int64(stat.Bsize)
}
