package zones

import (
	"io"
	"sync"

	"github.com/gozones/zones/internal/zoneadm"
)

// Observer receives messages of a verb while it runs. Nil fields drop theirs. The reason
// of a failure is in the verb's error.
type Observer struct {
	Output   io.Writer         // output of the brand's hooks
	Warn     func(text string) // a warning, or something that was repaired
	Progress func(Progress)    // called when a step starts, makes progress or ends
}

// Progress describes a step of a verb.
type Progress struct {
	Zone  string
	Step  Step
	Text  string // for people: "waiting for zoneadmd to boot it"
	Ended bool
	Bytes int64 // copied so far, for Copying
}

// Step is a step of a verb that may take long.
type Step int

// The steps.
const (
	Verifying   = Step(zoneadm.Verifying)   // the configuration is verified
	Installing  = Step(zoneadm.Installing)  // the root directory is created
	RunningHook = Step(zoneadm.RunningHook) // the brand's hook creates the root directory
	Copying     = Step(zoneadm.Copying)     // a zonepath is copied, for a clone or a move
	Removing    = Step(zoneadm.Removing)    // a zonepath is removed
	Waiting     = Step(zoneadm.Waiting)     // the zone's daemon boots or halts the zone
)

// String returns a verb: verify, install, hook, copy, remove or wait.
func (s Step) String() string { return zoneadm.Step(s).String() }

// on returns the target of a verb.
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
			if n.Kind != zoneadm.Problem { // problems are in the error
				o.Warn(n.Text)
			}
		}
	}
	if o.Progress != nil {
		to.Progress = func(p zoneadm.Progress) {
			o.Progress(Progress{p.Zone, Step(p.Step), p.Text, p.Ended, p.Bytes})
		}
	}
	return m.admin.On(name, to)
}

// on returns the zone as the target of a verb.
func (z *Zone) on(o Observer) *zoneadm.Target { return z.machine.on(z.Name, o) }

// lockedWriter is a writer shared by standard output and standard error.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
