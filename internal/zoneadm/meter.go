package zoneadm

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// patience is how long a step may take before a terminal shows that it is under way.
const patience = time.Second

// show prints what the system's command prints about a step. On a terminal it shows other
// steps on a line that is updated every second and erased at the end.
func (t *Tool) show(p Progress) {
	switch {
	case p.Printed && p.Ended:
		fmt.Fprintln(t.Out)
	case p.Printed && p.Bytes == 0:
		fmt.Fprint(t.Out, p.Text)
	case p.Printed || !t.Watched || p.Step != Installing && p.Step != Waiting:
		// During the other steps hooks may write to the terminal.
	case p.Ended:
		t.meter.stop()
	default:
		t.meter = &meter{to: t.Err, text: fmt.Sprintf("%s: zone '%s': %s", t.Prog, p.Zone, p.Text), begin: time.Now()}
		t.meter.timer = time.AfterFunc(patience, t.meter.tick)
	}
}

// meter updates a line of a terminal.
type meter struct {
	to    io.Writer
	text  string
	begin time.Time

	mu    sync.Mutex // guards the following fields, and writing
	timer *time.Timer
	shown bool
	ended bool
}

func (m *meter) tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return
	}
	m.shown = true
	fmt.Fprintf(m.to, "\r%s: %.0f s", m.text, time.Since(m.begin).Seconds())
	m.timer.Reset(patience)
}

// stop erases the line.
func (m *meter) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = true
	m.timer.Stop()
	if m.shown {
		io.WriteString(m.to, "\r\x1b[K")
	}
}
