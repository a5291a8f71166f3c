package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// TestWriteProgram: programs that are written and run at the same time by many are never busy.
func TestWriteProgram(t *testing.T) {
	t.Parallel()
	Need(t, System("linux", "illumos", "darwin", "freebsd"))
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			path := filepath.Join(dir, strconv.Itoa(i))
			for range 25 {
				if err := WriteProgram(path, []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
					t.Error(err)
				}
				if out, err := exec.Command(path).CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
				if err := os.Remove(path); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
