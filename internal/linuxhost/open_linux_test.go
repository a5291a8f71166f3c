package linuxhost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOpenWhileRenaming: a path with "..", which a zone's link may have, is opened also while
// others rename directories.
func TestOpenWhileRenaming(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "a"), 0o755), os.Symlink(strings.Repeat("../", 40)+dir[1:], filepath.Join(dir, "a/link")), os.Mkdir(filepath.Join(dir, "1"), 0o755)); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			os.Rename(filepath.Join(dir, "1"), filepath.Join(dir, "2"))
			os.Rename(filepath.Join(dir, "2"), filepath.Join(dir, "1"))
		}
	}()
	for range 2000 {
		fd, err := openInside(filepath.Join(dir, "a/link/a"), unix.O_PATH)
		if err != nil {
			t.Error(err)
			break
		}
		unix.Close(fd)
	}
	stop()
	<-ended
}
