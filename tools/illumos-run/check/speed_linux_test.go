//go:build linux && amd64

package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// BenchmarkBesideLinux runs a program built for illumos under illumos-run and built for
// Linux, in turns. It reports the ratio of the best times and the start-up time of each.
func BenchmarkBesideLinux(b *testing.B) {
	testenv.Need(b, testenv.Runner)
	illumosRun := testenv.RunnerPath()
	build := func(system string) string {
		path := filepath.Join(b.TempDir(), system)
		cmd := exec.Command("go", "build", "-o", path, "./testdata/work")
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		if output, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, output)
		}
		return path
	}
	illumos, linux := build("illumos"), build("linux")
	once := func(command ...string) time.Duration {
		start := time.Now()
		if output, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			b.Fatalf("%v: %v\n%s", command, err, output)
		}
		return time.Since(start)
	}
	for _, work := range []string{"start", "arithmetic", "sorting", "collection", "hashing"} {
		b.Run(work, func(b *testing.B) {
			here, there := time.Hour, time.Hour
			for b.Loop() {
				here = min(here, once(illumosRun, illumos, work))
				there = min(there, once(linux, work))
			}
			b.ReportMetric(float64(here)/float64(there), "ratio")
			b.ReportMetric(here.Seconds()*1000, "illumos-ms")
			b.ReportMetric(there.Seconds()*1000, "linux-ms")
		})
	}
}
