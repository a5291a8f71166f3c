// Package trace records where the time of a command goes, across the processes involved:
// the steps of each process and the round trips between them. It is off until a caller
// starts a recording. Another process returns its spans with its answer, and they are
// added to the caller's recording. The result is written in the Chrome trace format,
// which chrome://tracing and ui.perfetto.dev show.
package trace

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Kind is the kind of a span.
type Kind string

// The kinds.
const (
	Step Kind = "step" // work of one process
	Call Kind = "call" // a round trip to another process
)

// Span is a step or call with its begin and end. The clock is the machine's, so that
// spans of several processes can be compared.
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

// active holds the current recordings. count lets callers without a recording skip the
// lock.
var active struct {
	count atomic.Int32
	sync.Mutex
	process string
	list    []*Recording
}

// Start starts a recording. process names this process in the trace.
func Start(process string) *Recording {
	r := new(Recording)
	active.Lock()
	defer active.Unlock()
	active.process = process
	active.list = append(active.list, r)
	active.count.Add(1)
	return r
}

// Stop ends the recording and returns its spans in the order in which they ended, each once:
// a process that works for several callers gives its spans to all of them.
func (r *Recording) Stop() []Span {
	active.Lock()
	defer active.Unlock()
	if i := slices.Index(active.list, r); i >= 0 {
		active.list = slices.Delete(active.list, i, i+1)
		active.count.Add(-1)
	}
	seen := make(map[Span]bool, len(r.spans))
	return slices.DeleteFunc(r.spans, func(s Span) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
}

// Active reports whether anything is being recorded.
func Active() bool { return active.count.Load() > 0 }

// Begin begins a span; the returned function ends it.
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

// Add adds spans recorded by another process.
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

// Calls returns the number of round trips among the spans.
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

// Write writes the spans in the Chrome trace format, with times relative to the first
// span.
func Write(w io.Writer, spans []Span) error {
	spans = slices.Clone(spans)
	// Enclosing spans come before the spans in them.
	slices.SortStableFunc(spans, func(a, b Span) int {
		if a.Begin != b.Begin {
			return int(min(max(a.Begin-b.Begin, -1), 1))
		}
		return int(min(max(b.Length-a.Length, -1), 1))
	})
	events := []event{}
	threads := map[int]*lanes{} // by process
	for _, s := range spans {
		if threads[s.PID] == nil {
			threads[s.PID] = new(lanes)
			events = append(events, event{Name: "process_name", Phase: "M", PID: s.PID, Args: map[string]any{"name": s.Process}})
		}
		events = append(events, event{
			Name: s.Name, Category: string(s.Kind), Phase: "X", PID: s.PID, Thread: threads[s.PID].take(s),
			Time: float64(s.Begin-spans[0].Begin) / 1e3, Length: float64(s.Length) / 1e3,
		})
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

// Read reads the spans of a trace written by [Write]. Their times are relative to the
// first span.
func Read(r io.Reader) ([]Span, error) {
	var file struct{ TraceEvents []event }
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, err
	}
	var spans []Span
	names := map[int]string{}
	for _, e := range file.TraceEvents {
		switch e.Phase {
		case "M":
			names[e.PID], _ = e.Args["name"].(string)
		case "X":
			spans = append(spans, Span{names[e.PID], e.PID, Kind(e.Category), e.Name,
				int64(math.Round(e.Time * 1e3)), time.Duration(math.Round(e.Length * 1e3))})
		}
	}
	return spans, nil
}

// lanes are the rows in which a process's spans are drawn. Two spans share a row if one
// contains the other or ends before the other begins. Each row holds the ends of its
// open spans, the innermost last.
type lanes [][]int64

// take returns the row for a span, counted from 1. Spans must come in the order in which
// they begin.
func (l *lanes) take(s Span) int {
	end := s.Begin + int64(s.Length)
	for i, open := range *l {
		for len(open) > 0 && open[len(open)-1] <= s.Begin {
			open = open[:len(open)-1]
		}
		if len(open) == 0 || end <= open[len(open)-1] {
			(*l)[i] = append(open, end)
			return i + 1
		}
	}
	*l = append(*l, []int64{end})
	return len(*l)
}
