package zoneadmd

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// setup is what one step of a zone's life works with.
type setup struct {
	*Daemon
	r      *request
	brand  *brand.Brand
	config *zonecfg.Zone // the snapshot, or what it is made from
}

// open reads what a step needs: the snapshot of an active zone, else the
// configuration.
func (d *Daemon) open(r *request, snapshot bool) (*setup, error) {
	config, err := d.load(snapshot)
	if err != nil {
		return nil, r.fail(err, "invalid configuration")
	}
	b, err := d.openBrand(config)
	if err != nil {
		return nil, r.fail(nil, "unable to open zone brand")
	}
	return &setup{Daemon: d, r: r, brand: b, config: config}, nil
}

func (d *Daemon) load(snapshot bool) (*zonecfg.Zone, error) {
	if snapshot {
		return d.Store.LoadSnapshot(d.Zone)
	}
	return d.Store.Load(d.Zone)
}

// stateHook runs the brand's prestatechange or poststatechange with the state of
// before and the command.
func (s *setup) stateHook(hook brand.Hook, state zonecfg.State, command zone.Command) error {
	text := s.brand.Command(hook, s.Zone, s.path)
	if text == "" {
		return nil
	}
	return s.run(text, fmt.Sprintf(" %d %d %s", state, command, ""), nil)
}

func (s *setup) pre(command zone.Command) error {
	return s.stateHook(brand.PreStateChange, s.r.state, command)
}

func (s *setup) post(command zone.Command) error {
	return s.stateHook(brand.PostStateChange, s.r.state, command)
}

// undone tells the brand that a step which failed has been taken back.
func (s *setup) undone(state zonecfg.State) {
	s.stateHook(brand.PostStateChange, state, zone.CommandHalt)
}

// hook runs one of the brand's other hooks.
func (s *setup) hook(h brand.Hook) error {
	text := s.brand.Command(h, s.Zone, s.path)
	if text == "" {
		return nil
	}
	if err := s.run(text, "", nil); err != nil {
		return s.r.fail(nil, "%s failed", text)
	}
	return nil
}

// run runs a command of the brand. What it prints goes to out, or else is told line
// by line to whoever made the request; nobody else learns of it.
func (s *setup) run(command, args string, out io.Writer) error {
	var text bytes.Buffer
	if out == nil {
		out = &text
	}
	exit := brand.Run(command, args, nil, out, logWriter{s.Daemon})
	if s.r.log == nil {
		for line := range strings.Lines(text.String()) {
			s.r.say("%s", strings.TrimRight(line, "\n"))
		}
	}
	switch {
	case exit.Signal != 0:
		return s.r.fail(nil, "%s unexpectedly terminated due to signal %d", command, int(exit.Signal))
	case exit.Code != 0:
		return &told{text: fmt.Sprintf("%s ended with status %d", command, exit.Code)}
	}
	return nil
}

// logWriter takes the errors of hooks to the log, where they can be found: the
// caller gets only what they print.
type logWriter struct{ d *Daemon }

func (w logWriter) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		w.d.say("%s", strings.TrimRight(line, "\n"))
	}
	return len(p), nil
}
