package locate

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Program is the name of the kernel process's program.
const Program = "zones-kernel"

// systemRunDir is where the system's own programs keep them (ZONES_TMPDIR).
const systemRunDir = "/var/run/zones"

// RunDir is the directory for what exists only while the machine runs: doors, locks,
// consoles. It is $ZONES_RUN where that is set, the system's on illumos and for root,
// and a directory of the user's own otherwise.
func RunDir() string {
	if dir := os.Getenv("ZONES_RUN"); dir != "" {
		return dir
	}
	return defaultRunDir()
}

// KernelDoor is the path of the kernel process's door in a run directory.
func KernelDoor(runDir string) string { return filepath.Join(runDir, "kernel.door") }

// MakeRunDir makes the run directory, for its owner only. It fails when the path is
// no directory or is owned by another user.
func MakeRunDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory: remove it or set ZONES_RUN", dir)
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
