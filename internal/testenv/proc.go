package testenv

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// namespacesAllowed reports whether the settings below proc let a user make namespaces.
func namespacesAllowed(proc string, uid int) bool {
	if filtered(proc) {
		return false
	}
	return uid == 0 || !slices.Contains([]string{"", "0"}, setting(proc, "sys/user/max_user_namespaces")) &&
		setting(proc, "sys/kernel/unprivileged_userns_clone") != "0" &&
		slices.Contains([]string{"", "0"}, setting(proc, "sys/kernel/apparmor_restrict_unprivileged_userns"))
}

// ptraceAllowed reports whether the settings below proc let a process trace its child.
func ptraceAllowed(proc string) bool {
	return !filtered(proc) && !slices.Contains([]string{"2", "3"}, setting(proc, "sys/kernel/yama/ptrace_scope"))
}

// setting returns the text of a file below proc, empty if there is none.
func setting(proc, path string) string {
	text, _ := os.ReadFile(filepath.Join(proc, path))
	return strings.TrimSpace(string(text))
}

// filtered reports whether the system calls of this process are filtered, as in most
// containers.
func filtered(proc string) bool {
	for line := range strings.Lines(setting(proc, "self/status")) {
		if mode, found := strings.CutPrefix(line, "Seccomp:"); found {
			return strings.TrimSpace(mode) != "0"
		}
	}
	return true
}

// cgroupMounted reports whether a table of mounts has a writable hierarchy of version 1 with
// a controller.
func cgroupMounted(mounts, controller string) bool {
	text, _ := os.ReadFile(mounts)
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[2] != "cgroup" {
			continue
		}
		options := strings.Split(fields[3], ",")
		if slices.Contains(options, "rw") && slices.Contains(options, controller) {
			return true
		}
	}
	return false
}
