package zoneadm

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/gozones/zones/internal/trace"
)

// The long options. With the second, of subcommands that the zone's daemon carries
// out, what took their time is written to a file.
const (
	jsonOption  = "json"
	traceOption = "trace"
)

// traced runs a subcommand and writes what took its time, here and in other processes,
// to a file. That is made first: what can't be written isn't worth a boot.
func (t *Tool) traced(file string, run func() int) int {
	if !filepath.IsAbs(file) {
		file = filepath.Join(t.Dir, file)
	}
	out, err := os.Create(file)
	if err != nil {
		t.say("could not write the trace: %v", err)
		return ExitFailed
	}
	recording := trace.Start(t.Prog)
	status := run()
	if err := errors.Join(trace.Write(out, recording.Stop()), out.Close()); err != nil {
		t.say("could not write the trace %s: %v", file, err)
		return max(status, ExitFailed)
	}
	return status
}
