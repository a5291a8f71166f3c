package testenv

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var epoch = time.Unix(1_000_000_000, 0)

func hour(n int) time.Duration { return time.Duration(n) * time.Hour }

// settings makes a directory like /proc.
func settings(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSettings(t *testing.T) {
	t.Parallel()
	const status, namespaces = "self/status", "sys/user/max_user_namespaces"
	const free = "Name:\ttest\nSeccomp:\t0\nSeccomp_filters:\t0"
	for _, test := range []struct {
		name               string
		files              map[string]string
		user, root, ptrace bool
	}{
		{"nothing is known", nil, false, false, false},
		{"a container", map[string]string{status: "Seccomp:\t2", namespaces: "100"}, false, false, false},
		{"a free kernel", map[string]string{status: free, namespaces: "100"}, true, true, true},
		{"no namespaces for users", map[string]string{status: free, namespaces: "0"}, false, true, true},
		{"Debian's switch", map[string]string{status: free, namespaces: "100", "sys/kernel/unprivileged_userns_clone": "0"}, false, true, true},
		{"Ubuntu's switch", map[string]string{status: free, namespaces: "100", "sys/kernel/apparmor_restrict_unprivileged_userns": "1"}, false, true, true},
		{"Yama asks for children", map[string]string{status: free, namespaces: "100", "sys/kernel/yama/ptrace_scope": "1"}, true, true, true},
		{"Yama refuses", map[string]string{status: free, namespaces: "100", "sys/kernel/yama/ptrace_scope": "3"}, true, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			proc := settings(t, test.files)
			if user, root := namespacesAllowed(proc, 1000), namespacesAllowed(proc, 0); user != test.user || root != test.root {
				t.Errorf("namespaces: for a user %v, for root %v", user, root)
			}
			if got := ptraceAllowed(proc); got != test.ptrace {
				t.Errorf("ptrace: %v", got)
			}
		})
	}
}

func TestCgroupMounted(t *testing.T) {
	t.Parallel()
	mounts := filepath.Join(settings(t, map[string]string{"mounts": `proc /proc proc rw,nosuid 0 0
pids /sys/fs/cgroup/pids cgroup rw,relatime,pids 0 0
cpu /sys/fs/cgroup/cpu cgroup ro,relatime,cpu,cpuacct 0 0
memory /mnt tmpfs rw,memory 0 0`}), "mounts")
	for controller, want := range map[string]bool{"pids": true, "cpu": false, "memory": false, "none": false} {
		if got := cgroupMounted(mounts, controller); got != want {
			t.Errorf("%s: %v", controller, got)
		}
	}
	if cgroupMounted(mounts+".none", "pids") {
		t.Error("a table that can't be read has it")
	}
}
