package locate

import (
	"os"
	"path/filepath"
	"strings"
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

// TestRoot: an ordinary user has zones of its own, and is told where once.
func TestRoot(t *testing.T) {
	if os.Getuid() == 0 {
		t.Setenv("ZONES_ROOT", "")
		if line, err := MakeRoot(); Root() != "" || line != "" || err != nil {
			t.Error(Root(), line, err)
		}
		return
	}
	home := t.TempDir()
	t.Setenv("ZONES_ROOT", "")
	t.Setenv("HOME", home)
	t.Setenv("XDG_STATE_HOME", "relative paths are ignored")
	if dir := Root(); dir != filepath.Join(home, ".local/state/zones") {
		t.Error(dir)
	}
	t.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
	want := filepath.Join(home, "state", "zones")
	if line, err := MakeRoot(); Root() != want || !strings.Contains(line, want) || err != nil {
		t.Error(Root(), line, err)
	}
	if line, err := MakeRoot(); line != "" || err != nil {
		t.Error("told twice:", line, err)
	}
	t.Setenv("ZONES_ROOT", "/elsewhere")
	if line, err := MakeRoot(); Root() != "/elsewhere" || line != "" || err != nil {
		t.Error(Root(), line, err)
	}
}

// TestFind: programs are beside the running one, in the installation's libexec, or in PATH.
func TestFind(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	install := func(dir string) string {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "zones-test-program")
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Remove(path) })
		return path
	}
	find := func(want string) {
		t.Helper()
		if path, err := Find("zones-test-program", "ZONES_TEST_PROGRAM"); path != want || (err == nil) != (want != "") {
			t.Errorf("found %s, %v, want %s", path, err, want)
		}
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	find("")
	// Another program's installation has zoneadm-go in PATH, and the rest in its libexec.
	prefix := t.TempDir()
	other := install(filepath.Join(prefix, "libexec/zones"))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+filepath.Join(prefix, "bin"))
	find("")
	if err := os.MkdirAll(filepath.Join(prefix, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(prefix, "bin/zoneadm-go"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	find(other)
	find(install(bin))
	libexec := filepath.Join(filepath.Dir(self), "../libexec/zones")
	path := install(libexec)
	t.Cleanup(func() { os.Remove(libexec); os.Remove(filepath.Dir(libexec)) })
	find(path)
	find(install(filepath.Dir(self)))
	t.Setenv("ZONES_TEST_PROGRAM", "/anywhere")
	find("/anywhere")
}
