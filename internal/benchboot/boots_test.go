package main

import (
	"reflect"
	"testing"
	"time"

	"github.com/gozones/zones/internal/trace"
)

// TestCollect: a step done twice in a round counts once, with the sum, and a step that
// only some rounds have is measured in those.
func TestCollect(t *testing.T) {
	span := func(process, name string, begin, took int) trace.Span {
		return trace.Span{Process: process, Kind: trace.Step, Name: name, Begin: int64(begin), Length: time.Duration(took)}
	}
	var rows []*row
	rows = collect(rows, []trace.Span{span("a", "x", 1, 10), span("b", "x", 2, 5), span("a", "x", 7, 20)})
	rows = collect(rows, []trace.Span{span("a", "y", 0, 1), span("a", "x", 3, 40)})
	want := []*row{
		{process: "a", name: "x", kind: trace.Step, begun: []time.Duration{1, 3}, took: []time.Duration{30, 40}},
		{process: "b", name: "x", kind: trace.Step, begun: []time.Duration{2}, took: []time.Duration{5}},
		{process: "a", name: "y", kind: trace.Step, begun: []time.Duration{0}, took: []time.Duration{1}},
	}
	if !reflect.DeepEqual(rows, want) {
		for _, r := range rows {
			t.Errorf("%+v", r)
		}
	}
}
