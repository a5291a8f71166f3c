package remove

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// Tree removes a file or a directory with everything below it. Something that doesn't exist
// is no error.
func Tree(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// In is [Tree] for a name in an open directory.
func In(ctx context.Context, dir *os.File, name string) error {
	return Tree(ctx, filepath.Join(dir.Name(), name))
}

// Contents removes everything in a directory, and leaves the directory.
func Contents(ctx context.Context, path string) error {
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		err = errors.Join(err, Tree(ctx, filepath.Join(path, e.Name())))
	}
	return err
}
