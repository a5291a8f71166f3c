package zoneadmd

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// setup is the context of one step of a zone's life.
type setup struct {
	*Daemon
	r      *request
	brand  *brand.Brand
	config *zonecfg.Zone // the snapshot, or the configuration that it is made from
	purpose
}

// open reads what a step needs: the snapshot of an active zone, else the
// configuration.
func (d *Daemon) open(r *request, snapshot bool) (*setup, error) {
	if seen := r.seen; seen != nil && !snapshot {
		r.seen = nil // may be used only once
		return &setup{Daemon: d, r: r, brand: seen.brand, config: seen.config}, nil
	}
	defer trace.Begin(trace.Step, "read the configuration")()
	config, err := d.load(snapshot)
	if err != nil {
		return nil, r.fail(err, "invalid configuration")
	}
	b, err := d.openBrand(config)
	if err != nil {
		return nil, r.refuse(err, "unable to open zone brand")
	}
	return &setup{Daemon: d, r: r, brand: b, config: config}, nil
}

func (d *Daemon) load(snapshot bool) (*zonecfg.Zone, error) {
	if snapshot {
		return d.Store.LoadSnapshot(d.Zone)
	}
	return d.Store.Load(d.Zone)
}

// stateHook runs the brand's prestatechange or poststatechange with the old state and
// the command.
func (s *setup) stateHook(hook brand.Hook, state zonecfg.State, command zone.Command) error {
	return s.run(hook, fmt.Sprintf(" %d %d %s", state, command, ""), nil)
}

func (s *setup) pre(command zone.Command) error {
	return s.stateHook(brand.PreStateChange, s.r.state, command)
}

func (s *setup) post(command zone.Command) error {
	return s.stateHook(brand.PostStateChange, s.r.state, command)
}

// undone tells the brand that a failed step was undone.
func (s *setup) undone(state zonecfg.State) {
	_ = s.stateHook(brand.PostStateChange, state, zone.CommandHalt)
}

// command returns the command line of a hook, "" for none.
func (s *setup) command(hook brand.Hook) string { return s.brand.Command(hook, s.Zone, s.path) }

// hook runs one of the brand's other hooks.
func (s *setup) hook(h brand.Hook) error {
	if err := s.run(h, "", nil); err != nil {
		return s.r.refuse(err, "%s failed", s.command(h))
	}
	return nil
}

// run runs a hook with arguments that are appended unchanged. Its standard output goes
// to out, or if nil line by line to the caller of the request. The error has its exit
// status and the last line of its standard error.
func (s *setup) run(h brand.Hook, args string, out io.Writer) error {
	command := s.command(h)
	if command == "" {
		return nil
	}
	defer trace.Begin(trace.Step, "hook "+string(h))()
	var text bytes.Buffer
	if out == nil {
		out = &text
	}
	errs := &hookLog{say: s.say}
	exit := brand.Run(command, args, nil, out, errs)
	errs.end()
	if s.r.log == nil {
		for line := range strings.Lines(text.String()) {
			s.r.say("%s", strings.TrimRight(line, "\n"))
		}
	}
	if exit == (brand.Exit{}) {
		return nil
	}
	if exit.Signal != 0 {
		s.r.say("%s unexpectedly terminated due to signal %d", command, int(exit.Signal))
	}
	how := ended(zone.ExitStatus{Code: exit.Code, Signal: int(exit.Signal)})
	if errs.last != "" {
		how += ": " + errs.last
	}
	return &zone.Error{Op: string(h), Name: strings.TrimSpace(command + args), Text: how}
}

// hookLog logs a hook's standard error: the caller gets only its standard output.
type hookLog struct {
	say  func(format string, args ...any)
	part string // of an unfinished line
	last string // last line that isn't blank
}

// hookLineMax is the length at which a line without a newline is split.
const hookLineMax = 4096

func (l *hookLog) Write(p []byte) (int, error) {
	l.part += string(p)
	for {
		line, rest, finished := strings.Cut(l.part, "\n")
		if !finished {
			break
		}
		l.tell(line)
		l.part = rest
	}
	for len(l.part) > hookLineMax {
		l.tell(l.part[:hookLineMax])
		l.part = l.part[hookLineMax:]
	}
	return len(p), nil
}

// end logs a last line without a newline.
func (l *hookLog) end() {
	if l.part != "" {
		l.tell(l.part)
	}
	l.part = ""
}

func (l *hookLog) tell(line string) {
	l.say("%s", line)
	if line = strings.TrimSpace(line); line != "" {
		l.last = line
	}
}
