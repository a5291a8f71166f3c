// Package trace tells where the time of a command goes, across the processes that it
// involves: steps of each process, and the round trips between them. Recording is off
// until somebody asks; what another process has recorded comes back with its answer
// and is added to the asker's. The result is written as a Chrome trace, which
// chrome://tracing and ui.perfetto.dev draw.
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

// Read reads the spans of a trace that [Write] has written. Their times are counted
// from the first span on.
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

// lanes are the rows that a process's spans are drawn in. Two spans share a row when
// one contains the other, or ends before it begins. Of each row the ends of the spans
// that are still open are kept, the innermost last.
type lanes [][]int64

// take returns the number of the row for a span, counted from 1. Spans come in the
// order in which they begin.
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
