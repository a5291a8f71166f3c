package zoneadm

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// patience is how long something may take before whoever watches is told of it.
const patience = time.Second

// progress has whoever watches told, once a second, what takes long, on a line that
// is gone when done is called. Nothing else may write to Err meanwhile.
func (t *Tool) progress(what string) (done func()) {
	if !t.Watched {
		return func() {}
	}
	m := &meter{to: t.Err, text: fmt.Sprintf("%s: zone '%s': %s", t.Prog, t.target, what), begin: time.Now()}
	m.timer = time.AfterFunc(patience, m.tick)
	return m.stop
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
