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
	Add([]Span{{Process: "other", PID: 7, Kind: Call, Name: "asks back", Begin: 1, Length: time.Second}})
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
