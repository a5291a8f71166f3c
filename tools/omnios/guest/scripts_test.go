package guest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gozones/zones/internal/testenv"
)

// name makes the name of a subtest.
func name(words []string) string { return strings.ReplaceAll(strings.Join(words, " "), ",", ";") }

// commandsDir returns the directory of our commands. Without $ZONES_BIN they are built.
func commandsDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("ZONES_BIN"); dir != "" {
		return dir
	}
	testenv.Need(t, testenv.Long, testenv.Source, testenv.Tool("go", "golang-go"))
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir, "./cmd/zoneadm-go", "./cmd/zonecfg-go", "./cmd/zones-kernel")
	build.Dir = testenv.Top()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// TestScripts runs the same scripts with our commands and with the system's. The zones are
// $Z and others that begin with it, and nothing is installed.
func TestScripts(t *testing.T) {
	t.Run("ours", func(t *testing.T) { scripts(t, commandsDir(t), "-go") })
	t.Run("the system's", func(t *testing.T) {
		needSystem(t, testenv.Root)
		scripts(t, filepath.Dir(system["zoneadm"]), "")
	})
}

// scripts runs the scripts with the commands NAME+suffix of a directory.
func scripts(t *testing.T, bin, suffix string) {
	embedded := false
	if _, err := os.Stat(system["zoneadm"]); err != nil {
		embedded = true
	} else {
		testenv.Need(t, testenv.Root)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			as := filepath.Join(env.WorkDir, ".bin")
			if err := os.Mkdir(as, 0o755); err != nil {
				return err
			}
			for _, command := range []string{"zoneadm", "zonecfg"} {
				if err := os.Symlink(filepath.Join(bin, command+suffix), filepath.Join(as, command)); err != nil {
					return err
				}
			}
			env.Setenv("PATH", as+":"+bin+":"+os.Getenv("PATH"))
			env.Setenv("LC_ALL", "C")
			env.Setenv("Z", "zt-"+strings.ReplaceAll(filepath.Base(env.WorkDir), "script-", ""))
			if embedded {
				root := filepath.Join(env.WorkDir, ".m")
				if err := os.MkdirAll(filepath.Join(root, "etc/zones"), 0o755); err != nil {
					return err
				}
				env.Setenv("ZONES_ROOT", root)
				env.Setenv("ZONES_RUN", filepath.Join(root, "run"))
				env.Setenv("ZONES_KERNEL", filepath.Join(bin, "zones-kernel"))
			}
			z := env.Getenv("Z")
			env.Defer(func() {
				// A script that failed may have left its zones.
				for _, name := range []string{z, z + "-b"} {
					remove := exec.Command(filepath.Join(as, "zonecfg"), "-z", name, "delete", "-F")
					remove.Env = env.Vars
					_ = remove.Run() // fails where there is none, as after most scripts
				}
			})
			return nil
		},
	})
}
