package locate

import (
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the directory that contains the etc/zones with the configuration of zones:
// $ZONES_ROOT if that is set, the machine's ("") on illumos and for root, and a directory
// of the user's own otherwise.
func Root() string {
	if dir := os.Getenv("ZONES_ROOT"); dir != "" {
		return dir
	}
	return defaultRoot()
}

// MakeRoot makes an ordinary user's own directory for zones if it doesn't exist, and
// returns a line that says so. The line is "" if there is nothing to say.
func MakeRoot() (line string, err error) {
	if os.Getenv("ZONES_ROOT") != "" {
		return "", nil
	}
	dir := defaultRoot()
	if dir == "" {
		return "", nil
	}
	if _, err := os.Stat(dir); err == nil {
		return "", nil
	}
	if run := RunDir(); filepath.Dir(dir) == run { // others can write to its parent
		err = MakeRunDir(run)
	}
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return "", fmt.Errorf("no directory for your zones: %w: set ZONES_ROOT to another one", err)
	}
	return "your zones are kept in " + dir + " (ZONES_ROOT names another directory)", nil
}
