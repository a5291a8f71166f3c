package zoneadm

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// patience is how long something may take before whoever watches is told of it.
const patience = time.Second

// show tells of a step: what the system's command prints about it, or, to somebody who
// watches, once a second that it goes on, on a line that is gone at its end.
func (t *Tool) show(p Progress) {
	switch {
	case p.Printed && p.Ended:
		fmt.Fprintln(t.Out)
	case p.Printed && p.Bytes == 0:
		fmt.Fprint(t.Out, p.Text)
	case p.Printed || !t.Watched || p.Step != Installing && p.Step != Waiting:
		// In the other steps hooks write to the terminal.
	case p.Ended:
		t.meter.stop()
	default:
		t.meter = &meter{to: t.Err, text: fmt.Sprintf("%s: zone '%s': %s", t.Prog, p.Zone, p.Text), begin: time.Now()}
		t.meter.timer = time.AfterFunc(patience, t.meter.tick)
	}
}

// meter writes and rewrites a line of a terminal.
type meter struct {
	to    io.Writer
	text  string
	begin time.Time

	mu    sync.Mutex // guards what follows, and writing
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

// stop takes the line away.
func (m *meter) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = true
	m.timer.Stop()
	if m.shown {
		io.WriteString(m.to, "\r\x1b[K")
	}
}
