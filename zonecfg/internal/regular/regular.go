// Package regular opens files of configurations. Anything else that has one's name is
// refused and not waited for: opening a FIFO blocks until there is a writer.
package regular

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/gozones/zones/internal/posix"
)

// ErrNot is that of a path which is a directory, a device, a FIFO or a socket.
var ErrNot = errors.New("not a regular file")

// Open opens a regular file for reading. The error is an *[fs.PathError].
func Open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|posix.NonBlock, 0)
	if err != nil {
		// Systems differ in the error for a socket, or for a device that isn't there.
		if info, statErr := os.Stat(path); statErr == nil && !info.Mode().IsRegular() {
			err = &fs.PathError{Op: "open", Path: path, Err: ErrNot}
		}
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNot}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// Read reads a regular file.
func Read(path string) ([]byte, error) {
	file, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}
