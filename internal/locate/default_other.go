//go:build !illumos

package locate

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

func defaultRunDir() string {
	uid := os.Getuid()
	if uid <= 0 { // root, or a system without users
		return systemRunDir
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "zones")
	}
	return filepath.Join(os.TempDir(), "zones-"+strconv.Itoa(uid))
}

// defaultRoot returns the user's state directory of the XDG base directory
// specification. For a user without a home directory it is in the run directory, which
// doesn't survive a reboot.
func defaultRoot() string {
	if os.Getuid() <= 0 {
		return ""
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "zones")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		var u *user.User
		if u, err = user.Current(); err == nil {
			home = u.HomeDir
		}
	}
	if info, statErr := os.Stat(home); err != nil || statErr != nil || !info.IsDir() {
		return filepath.Join(RunDir(), "state")
	}
	return filepath.Join(home, ".local", "state", "zones")
}
