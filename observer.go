package zones

import (
	"io"
	"sync"

	"github.com/gozones/zones/internal/zoneadm"
)

// Observer hears what a verb has to tell while it works. The zero value hears nothing;
// why a verb failed is in its error.
type Observer struct {
	Output   io.Writer         // gets what the hooks of the zone's brand print
	Warn     func(text string) // a line about something that nothing fails because of
	Progress func(Progress)    // a step begins, goes on or has ended
}

// Progress is how far a step of a verb is.
type Progress struct {
	Zone  string
	Step  Step
	Text  string // in words, "waiting for zoneadmd to boot it"
	Ended bool
	Bytes int64 // copied so far, for Copying
}

// Step is a part of a verb that takes a while.
type Step = zoneadm.Step

// The steps.
const (
	Verifying   = zoneadm.Verifying   // the configuration, against the machine
	Installing  = zoneadm.Installing  // the root directory is made
	RunningHook = zoneadm.RunningHook // by the brand's hook
	Copying     = zoneadm.Copying     // a zonepath, for a clone or a move
	Removing    = zoneadm.Removing    // a zonepath
	Waiting     = zoneadm.Waiting     // for the zone's daemon, which boots and halts
)

// on returns a zone to carry out verbs on.
func (m *Machine) on(name string, o Observer) *zoneadm.Target {
	if o.Output == nil && o.Warn == nil && o.Progress == nil {
		o = m.Observer
	}
	var to zoneadm.Observer
	if o.Output != nil {
		output := &lockedWriter{to: o.Output}
		to.Out, to.Err = output, output
	}
	if o.Warn != nil {
		to.Notice = func(n zoneadm.Notice) {
			if n.Kind != zoneadm.Problem { // those are in the error
				o.Warn(n.Text)
			}
		}
	}
	if o.Progress != nil {
		to.Progress = func(p zoneadm.Progress) {
			o.Progress(Progress{p.Zone, p.Step, p.Text, p.Ended, p.Bytes})
		}
	}
	return m.admin.On(name, to)
}

// on returns the zone to carry out verbs on.
func (z *Zone) on(o Observer) *zoneadm.Target { return z.machine.on(z.Name, o) }

// lockedWriter is a writer for standard output and standard error.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
