package locate

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRunDir(t *testing.T) {
	t.Setenv("ZONES_RUN", "/some/where")
	if dir := RunDir(); dir != "/some/where" || KernelDoor(dir) != "/some/where/kernel.door" {
		t.Error(dir)
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := MakeRunDir(dir); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := MakeRunDir(file); err == nil {
		t.Error("a file is taken for a directory")
	}
}
