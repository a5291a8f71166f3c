package locate

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Program is the name of the kernel process's program.
const Program = "zones-kernel"

// systemRunDir is the run directory of the system's own programs (ZONES_TMPDIR).
const systemRunDir = "/var/run/zones"

// RunDir returns the directory for files that don't survive a reboot: doors, locks,
// consoles. It is $ZONES_RUN if that is set, the system's on illumos and for root,
// and a directory of the user's own otherwise.
func RunDir() string {
	if dir := os.Getenv("ZONES_RUN"); dir != "" {
		return dir
	}
	return defaultRunDir()
}

// KernelDoor returns the path of the kernel process's door in a run directory.
func KernelDoor(runDir string) string { return filepath.Join(runDir, "kernel.door") }

// MakeRunDir creates the run directory, accessible to its owner only. It fails when the
// path isn't a directory or is owned by another user.
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

// libexec is where an installation has the programs that people don't call, relative to
// the directory of the others.
const libexec = "../libexec/zones"

// Find returns the path of a program of this project: the value of the environment
// variable if it is set, else the program in the directory of the running one or in the
// installation's libexec, else the one in $PATH, else the one in the libexec of the
// installation whose zoneadm-go is in $PATH: so programs that import this module find
// what an installation has.
func Find(name, variable string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		return path, nil
	}
	if self, err := os.Executable(); err == nil {
		for _, dir := range []string{".", libexec} {
			if path := filepath.Join(filepath.Dir(self), dir, name); executable(path) {
				return path, nil
			}
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	if command, err := exec.LookPath("zoneadm-go"); err == nil {
		if path := filepath.Join(filepath.Dir(command), libexec, name); executable(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is neither in this program's directory nor in PATH: install it or set %s", name, variable)
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
