package kdoor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Program is the name of the kernel process's program.
const Program = "zones-kernel"

// RunDir is the folder for what exists only while the machine runs: $ZONES_RUN,
// else /var/run/zones for root, a folder of the user's own for others.
func RunDir() string {
	if dir := os.Getenv("ZONES_RUN"); dir != "" {
		return dir
	}
	uid := os.Getuid()
	if uid <= 0 {
		return "/var/run/zones"
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "zones")
	}
	return filepath.Join(os.TempDir(), "zones-"+strconv.Itoa(uid))
}

// Door is the path of the kernel's door below a run folder.
func Door(runDir string) string { return filepath.Join(runDir, "kernel.door") }

// MakeRunDir makes the folder, for its owner only, and refuses one that somebody
// else could have put there.
func MakeRunDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder: remove it or set ZONES_RUN", dir)
	}
	return ownedByCaller(dir, info)
}

// Find returns the path of a program of this project: the environment variable's
// value if it is set, else the one beside the running program, else in $PATH.
func Find(name, variable string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		return path, nil
	}
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is neither beside this program nor in PATH: install it or set %s", name, variable)
	}
	return path, nil
}
