package guest

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestHeaders compares our declarations with this machine's headers, by its own compiler.
// sys/internal/headers/check does it, which bundle.sh builds.
func TestHeaders(t *testing.T) {
	needSystem(t, testenv.Tool("gcc"), testenv.File("/usr/include/sys/zone.h"))
	a := ask(t, "", filepath.Join(commandsDir(t), "zones-headers"), "-cc", "gcc", "-sysroot", "/")
	file := report(t, "headers.txt")
	if _, err := file.WriteString(a.out + a.errs); err != nil {
		t.Error(err)
	}
	if a.status != 0 {
		t.Error(a)
	}
}

// TestCgo runs the tests of the bindings in a build with cgo, whose calls have the layouts
// of the machine's own headers. bundle.sh has copied the source.
func TestCgo(t *testing.T) {
	needSystem(t, testenv.Tool("gcc"), testenv.Tool("go"), testenv.File("/usr/include/sys/zone.h"))
	run := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-short", "./sys/...", "./kstat/...")
	run.Dir = filepath.Join(filepath.Dir(commandsDir(t)), "source")
	run.Env = append(run.Environ(), "CGO_ENABLED=1", "GOFLAGS=-mod=vendor -buildvcs=false", "GOCACHE="+t.TempDir())
	out, err := run.CombinedOutput()
	if _, werr := report(t, "cgo.txt").Write(out); werr != nil {
		t.Error(werr)
	}
	if err != nil {
		t.Errorf("%v: %v\n%s", run.Args, err, out)
	}
}
