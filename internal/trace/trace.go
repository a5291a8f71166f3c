// Package trace tells where the time of a command goes, across the processes that it
// involves: steps of each process, and the round trips between them. Recording is off
// until somebody asks; what another process has recorded comes back with its answer
// and is added to the asker's. The result is written as a Chrome trace, which
// chrome://tracing and ui.perfetto.dev draw.
package trace

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Kind says what a span is.
type Kind string

// The kinds.
const (
	Step Kind = "step" // work of one process
	Call Kind = "call" // a round trip to another process
)

// Span is one thing that took time. The clock is the machine's, so that the spans of
// several processes can be laid beside each other.
type Span struct {
	Process string        `json:"process"`
	PID     int           `json:"pid"`
	Kind    Kind          `json:"kind"`
	Name    string        `json:"name"`
	Begin   int64         `json:"begin"` // nanoseconds since 1970
	Length  time.Duration `json:"length"`
}

// Recording collects the spans of this process between Start and Stop.
type Recording struct{ spans []Span }

// active are the recordings that are under way. count lets whoever has nothing to
// record find that out without the lock.
var active struct {
	count atomic.Int32
	sync.Mutex
	process string
	list    []*Recording
}

// Start begins a recording. process is the name under which this process's spans show.
func Start(process string) *Recording {
	r := new(Recording)
	active.Lock()
	defer active.Unlock()
	active.process = process
	active.list = append(active.list, r)
	active.count.Add(1)
	return r
}

// Stop ends the recording and returns its spans in the order in which they ended.
func (r *Recording) Stop() []Span {
	active.Lock()
	defer active.Unlock()
	if i := slices.Index(active.list, r); i >= 0 {
		active.list = slices.Delete(active.list, i, i+1)
		active.count.Add(-1)
	}
	return r.spans
}

// Active tells that somebody records.
func Active() bool { return active.count.Load() > 0 }

// Begin begins a span; the function that it returns ends it.
func Begin(kind Kind, name string) (end func()) {
	if !Active() {
		return func() {}
	}
	begin := time.Now()
	return func() {
		length := time.Since(begin)
		active.Lock()
		defer active.Unlock()
		addLocked(Span{active.process, os.Getpid(), kind, name, begin.UnixNano(), length})
	}
}

// Add adds spans that another process has recorded.
func Add(spans []Span) {
	active.Lock()
	defer active.Unlock()
	addLocked(spans...)
}

func addLocked(spans ...Span) {
	for _, r := range active.list {
		r.spans = append(r.spans, spans...)
	}
}

// Calls is how many round trips there are among the spans.
func Calls(spans []Span) (n int) {
	for _, s := range spans {
		if s.Kind == Call {
			n++
		}
	}
	return n
}

// event is an event of the Chrome trace format.
type event struct {
	Name     string         `json:"name"`
	Category string         `json:"cat,omitempty"`
	Phase    string         `json:"ph"`
	Time     float64        `json:"ts"` // microseconds
	Length   float64        `json:"dur,omitempty"`
	PID      int            `json:"pid"`
	Thread   int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

// Write writes the spans in the Chrome trace format, times counted from the first
// span on.
func Write(w io.Writer, spans []Span) error {
	spans = slices.Clone(spans)
	// Spans that contain others come first.
	slices.SortStableFunc(spans, func(a, b Span) int {
		if a.Begin != b.Begin {
			return int(min(max(a.Begin-b.Begin, -1), 1))
		}
		return int(min(max(b.Length-a.Length, -1), 1))
	})
	events := []event{}
	named := map[int]bool{}
	for _, s := range spans {
		if !named[s.PID] {
			named[s.PID] = true
			events = append(events, event{Name: "process_name", Phase: "M", PID: s.PID, Args: map[string]any{"name": s.Process}})
		}
		events = append(events, event{
			Name: s.Name, Category: string(s.Kind), Phase: "X", PID: s.PID, Thread: 1,
			Time: float64(s.Begin-spans[0].Begin) / 1e3, Length: float64(s.Length) / 1e3,
		})
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

// Summary is the spans as a table for people: process, step, and how long it took.
func Summary(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Process + "\t" + string(s.Kind) + "\t" + s.Name + "\t" + s.Length.Round(time.Microsecond).String() + "\n")
	}
	return b.String()
}
