package trace

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"
)

func TestRecording(t *testing.T) {
	Begin(Step, "before anybody records")()
	r := Start("tester")
	if !Active() {
		t.Error("a recording isn't active")
	}
	end := Begin(Call, "asks")
	Begin(Step, "works")()
	end()
	for range 2 { // a process that works for two others gives both what it has done
		Add([]Span{{Process: "other", PID: 7, Kind: Call, Name: "asks back", Begin: 1, Length: time.Second}})
	}
	spans := r.Stop()
	Begin(Step, "after")()
	var names []string
	for _, s := range spans {
		names = append(names, s.Process+" "+s.Name)
	}
	if want := []string{"tester works", "tester asks", "other asks back"}; !slices.Equal(names, want) {
		t.Errorf("%q, not %q", names, want)
	}
	if n := Calls(spans); n != 2 {
		t.Errorf("%d round trips, not 2", n)
	}
	if Active() {
		t.Error("a recording that was stopped is active")
	}
}

func TestWrite(t *testing.T) {
	var out bytes.Buffer
	spans := []Span{
		{Process: "b", PID: 2, Kind: Call, Name: "later", Begin: 2_000_000, Length: time.Millisecond},
		{Process: "a", PID: 1, Kind: Step, Name: "first", Begin: 1_000_000, Length: 5 * time.Millisecond},
	}
	if err := Write(&out, spans); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	back := []Span{spans[1], spans[0]}
	back[0].Begin, back[1].Begin = 0, 1_000_000
	if !slices.Equal(again, back) {
		t.Errorf("%+v, not %+v", again, back)
	}
	var got struct {
		TraceEvents []struct {
			Name, Ph string
			Ts, Dur  float64
			PID      int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range got.TraceEvents {
		names = append(names, e.Ph+" "+e.Name)
	}
	if want := []string{"M process_name", "X first", "M process_name", "X later"}; !slices.Equal(names, want) {
		t.Errorf("%q, not %q", names, want)
	}
	if last := got.TraceEvents[3]; last.Ts != 1000 || last.Dur != 1000 || last.PID != 2 {
		t.Errorf("%+v", last)
	}
}

func TestLanes(t *testing.T) {
	at := func(begin, end int64) Span { return Span{Begin: begin, Length: time.Duration(end - begin)} }
	for _, test := range []struct {
		name  string
		spans []Span
		want  []int
	}{
		{"one after the other", []Span{at(0, 5), at(5, 9)}, []int{1, 1}},
		{"one in the other", []Span{at(0, 9), at(1, 8), at(2, 3), at(4, 8)}, []int{1, 1, 1, 1}},
		{"one beside the other", []Span{at(0, 5), at(3, 9), at(4, 5), at(6, 7)}, []int{1, 2, 1, 1}},
		{"three at once", []Span{at(0, 5), at(1, 6), at(2, 7)}, []int{1, 2, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var l lanes
			var got []int
			for _, s := range test.spans {
				got = append(got, l.take(s))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%v, not %v", got, test.want)
			}
		})
	}
}
