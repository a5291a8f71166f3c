package zoneadm

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/internal/trace"
)

// traceOption is for subcommands that the zone's daemon carries out: where their time
// went is written to a file.
const traceOption = "--trace"

// withoutTrace takes the long option from where options may stand in args. file is ""
// where it wasn't given; an error where it has no file.
func withoutTrace(args []string) (file string, rest []string, err error) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		word := args[0]
		args = args[1:]
		name, value, has := strings.Cut(word, "=")
		if name != traceOption {
			rest = append(rest, word)
			continue
		}
		if !has && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		if file = value; file == "" {
			return "", nil, errors.New("option requires an argument -- trace")
		}
	}
	return file, append(rest, args...), nil
}

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
