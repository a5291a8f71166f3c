package tree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Unpack fills root, an existing directory, from source: a tar archive, or the directory
// of an OCI image layout. An image of several in a layout is named by its tag behind a
// colon: DIR:TAG. The error names the entry that couldn't be made; what was made until
// then remains. warn is called with a line for each kind of thing that is left out; it may
// be nil.
func Unpack(ctx context.Context, source, root string, warn func(line string)) error {
	if source == "" {
		return errors.New("no archive given: use -a FILE")
	}
	if warn == nil {
		warn = func(string) {}
	}
	tag := ""
	info, err := os.Stat(source)
	if at := strings.LastIndexByte(source, ':'); err != nil && at > 0 {
		if layout, layoutErr := os.Stat(source[:at]); layoutErr == nil && layout.IsDir() {
			source, tag, info, err = source[:at], source[at+1:], layout, nil
		}
	}
	if err != nil {
		return err
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	u := newUnpacker(ctx, r)
	if info.IsDir() {
		err = unpackImage(u, source, tag, warn)
	} else {
		err = unpackFile(u, source)
	}
	if err != nil {
		return err
	}
	if err := u.finish(); err != nil {
		return err
	}
	for _, line := range u.left.lines() {
		warn(line)
	}
	return nil
}

func unpackFile(u *unpacker, source string) error {
	file, err := openRegular(source)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := u.stream(file, false); err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	return nil
}

// openRegular opens a regular file. Opening a FIFO would block until it has a writer.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.Open(path)
}

// leftOut counts what an archive has and the root directory hasn't.
type leftOut struct {
	devices int // device nodes that can't be made by this user or on this system
	dev     int // below /dev
	xattrs  int // extended attributes
}

// lines describes what was left out.
func (l *leftOut) lines() (lines []string) {
	if l.devices > 0 {
		lines = append(lines, fmt.Sprintf("%d device nodes were left out: this user can't make them", l.devices))
	}
	if l.dev > 0 {
		lines = append(lines, fmt.Sprintf("%d device nodes in /dev were left out: the zone gets its /dev when it boots", l.dev))
	}
	if l.xattrs > 0 {
		lines = append(lines, fmt.Sprintf("%d extended attributes, such as file capabilities, were left out: they can't be set here", l.xattrs))
	}
	return lines
}
