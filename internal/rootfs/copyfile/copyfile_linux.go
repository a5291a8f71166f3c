package copyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Data copies the content of a regular file into an empty one, and returns the bytes that
// were written or shared. Holes stay holes, and on file systems with reflinks the copy
// shares the blocks of the file.
func Data(to, from *os.File) (int64, error) {
	info, err := from.Stat()
	if err != nil {
		return 0, err
	}
	size := info.Size()
	if size > 0 && unix.IoctlFileClone(int(to.Fd()), int(from.Fd())) == nil {
		return size, nil
	}
	return data(to, from, size)
}

// data copies the parts of a file that aren't holes.
func data(to, from *os.File, size int64) (done int64, err error) {
	for at := int64(0); at < size; {
		start, err := from.Seek(at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) { // the rest is a hole
			break
		}
		end := size
		if err == nil {
			end, err = from.Seek(start, unix.SEEK_HOLE)
		} else if errors.Is(err, unix.EINVAL) { // the file system doesn't tell
			start, err = at, nil
		}
		if err == nil {
			_, err = from.Seek(start, io.SeekStart)
		}
		if err == nil {
			_, err = to.Seek(start, io.SeekStart)
		}
		if err != nil {
			return done, err
		}
		n, err := io.CopyN(to, from, end-start)
		done += n
		if errors.Is(err, io.EOF) {
			break // it has become shorter
		}
		if err != nil {
			return done, err
		}
		at = end
	}
	return done, to.Truncate(size)
}

// Attributes copies the extended attributes of a name in a directory: of a file, a directory
// or what else has any, but of symbolic links. Those that the caller may not set, or that the
// other file system doesn't have, are left out: only root can set file capabilities.
func Attributes(to string, dir *os.File, name string) error {
	// The system calls for a name in an open directory are new in Linux 6.13.
	return attributes(to, fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), name))
}

func attributes(to, from string) error {
	names, err := list(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		value, err := get(from, name)
		if errors.Is(err, unix.ENODATA) { // removed meanwhile
			continue
		}
		if err != nil {
			return &fs.PathError{Op: "lgetxattr " + name, Path: from, Err: err}
		}
		err = unix.Lsetxattr(to, name, value, 0)
		if err != nil && !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EOPNOTSUPP) {
			return &fs.PathError{Op: "lsetxattr " + name, Path: to, Err: err}
		}
	}
	return nil
}

// list returns the names of the attributes. A file system without attributes has none.
func list(path string) ([]string, error) {
	text, err := sized(func(buffer []byte) (int, error) { return unix.Llistxattr(path, buffer) })
	if errors.Is(err, unix.EOPNOTSUPP) {
		return nil, nil
	}
	if err != nil {
		return nil, &fs.PathError{Op: "llistxattr", Path: path, Err: err}
	}
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 {
		return nil, nil
	}
	return strings.Split(string(text), "\x00"), nil
}

func get(path, name string) ([]byte, error) {
	return sized(func(buffer []byte) (int, error) { return unix.Lgetxattr(path, name, buffer) })
}

// sized calls a function that says how large its buffer must be when it has none.
func sized(call func(buffer []byte) (int, error)) ([]byte, error) {
	for {
		n, err := call(nil)
		if err != nil || n == 0 {
			return nil, err
		}
		buffer := make([]byte, n)
		n, err = call(buffer)
		if errors.Is(err, unix.ERANGE) { // it has grown
			continue
		}
		if err != nil {
			return nil, err
		}
		return buffer[:n], nil
	}
}
