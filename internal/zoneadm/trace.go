package zoneadm

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/gozones/zones/internal/trace"
)

// The long options. The last has verbs on files say what they would do. The second is for subcommands carried out by the zone's daemon: it
// writes a trace of how long each step took to a file.
const (
	jsonOption  = "json"
	traceOption = "trace"
	dryOption   = "dry-run"
)

// traced runs a subcommand and writes a trace of its steps, in this and other
// processes, to a file. The file is created first, so that the subcommand doesn't run
// if it can't be.
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
