//go:build !illumos

package locate

import (
	"os"
	"path/filepath"
	"strconv"
)

func defaultRunDir() string {
	uid := os.Getuid()
	if uid <= 0 { // root, or a system without users
		return systemRunDir
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "zones")
	}
	return filepath.Join(os.TempDir(), "zones-"+strconv.Itoa(uid))
}
