package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// copyIn copies a directory to the guest, as a tar stream: scp and rsync aren't everywhere.
func (s *session) copyIn(ctx context.Context, from, to string) error {
	stream, w := io.Pipe()
	go func() {
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err == nil {
			err = errors.Join(pack(z, from), z.Close())
		}
		w.CloseWithError(err)
	}()
	defer stream.Close()
	command := fmt.Sprintf("rm -rf %[1]s && mkdir -p %[1]s && chmod 755 %[1]s && cd %[1]s && gzip -dc | tar xf -", to)
	return s.run(ctx, command, stream, io.Discard)
}

// pack writes the regular files of a directory to a tar stream of the oldest kind, which
// every tar reads. Owners are left out.
func pack(w io.Writer, dir string) error {
	t := tar.NewWriter(w)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if !d.IsDir() && !d.Type().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a directory", path)
		}
		return packOne(t, path, filepath.ToSlash(name))
	})
	return errors.Join(err, t.Close())
}

func packOne(t *tar.Writer, path, name string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Format: tar.FormatUSTAR, Name: name, Mode: int64(info.Mode().Perm()), ModTime: info.ModTime().Truncate(time.Second)}
	if info.IsDir() {
		header.Typeflag, header.Name = tar.TypeDir, name+"/"
		return t.WriteHeader(header)
	}
	header.Typeflag, header.Size = tar.TypeReg, info.Size()
	if err := t.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(t, file)
	return err
}

// The most that a guest's files may have: it isn't trusted to stop.
const (
	mostFiles = 10_000
	mostBytes = 1 << 30
)

// copyOut copies a directory from the guest, which need not have it.
func (s *session) copyOut(ctx context.Context, from, to string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, w := io.Pipe()
	unpacked := make(chan error, 1)
	go func() {
		err := unpack(stream, to)
		if err != nil {
			cancel(err)
		}
		_, _ = io.Copy(io.Discard, stream) // tar pads its end, and a pipe must be read
		unpacked <- err
	}()
	// Root's own files, too.
	err := s.run(ctx, s.asRoot(fmt.Sprintf("mkdir -p %[1]s && cd %[1]s && tar cf - .", from)), nil, w)
	w.CloseWithError(err)
	return errors.Join(<-unpacked, err)
}

// unpack makes the regular files of a tar stream below a directory.
func unpack(r io.Reader, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir) // a name with .. or a link must not lead out of it
	if err != nil {
		return err
	}
	defer root.Close()
	t := tar.NewReader(r)
	files, size := 0, int64(0)
	for {
		header, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("files of the guest: %w", err)
		}
		name := filepath.Clean(header.Name)
		if files, size = files+1, size+header.Size; files > mostFiles || size > mostBytes {
			return fmt.Errorf("files of the guest: more than %d files or %d bytes", mostFiles, mostBytes)
		}
		switch header.Typeflag {
		case tar.TypeDir:
			if name != "." {
				err = root.MkdirAll(name, 0o755)
			}
		case tar.TypeReg:
			err = create(root, name, t)
		}
		if err != nil {
			return err
		}
	}
}

func create(root *os.Root, name string, from io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := root.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}
