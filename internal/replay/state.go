package replay

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gozones/zones/internal/kernelseam"
)

// expectation is the recording's state: the sum of its steps' differences so far.
// Every field is kept as canonical JSON.
type expectation struct {
	zones, deathrow, procs map[string]fields
	order, keys            string
	touched                map[string]bool   // objects that the last step changed
	seen                   map[string]string // what compare found, by object
}

type fields map[string]string

// delta is the recorded state of a step.
type delta struct {
	Zones    map[string]map[string]json.RawMessage `json:"zones"`
	Deathrow map[string]map[string]json.RawMessage `json:"deathrow"`
	Procs    map[string]map[string]json.RawMessage `json:"procs"`
	Order    json.RawMessage                       `json:"order"`
	Keys     json.RawMessage                       `json:"zsd_keys"`
}

func newExpectation(initial json.RawMessage) (*expectation, error) {
	e := &expectation{zones: map[string]fields{}, deathrow: map[string]fields{}, procs: map[string]fields{},
		order: "[]", keys: "[]", touched: map[string]bool{}, seen: map[string]string{}}
	return e, e.apply(initial)
}

// apply adds a step's difference.
func (e *expectation) apply(raw json.RawMessage) error {
	clear(e.touched)
	if len(raw) == 0 {
		return nil
	}
	var d delta
	if err := json.Unmarshal(raw, &d); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	for kind, objects := range map[string]map[string]map[string]json.RawMessage{"zone ": d.Zones, "dead zone ": d.Deathrow, "process ": d.Procs} {
		into := e.kind(kind)
		for id, changes := range objects {
			e.touched[kind+id] = true
			if changes == nil {
				delete(into, id)
				continue
			}
			if into[id] == nil {
				into[id] = fields{}
			}
			for name, value := range changes {
				into[id][name] = canonical(value)
			}
		}
	}
	if d.Order != nil {
		e.order = canonical(d.Order)
	}
	if d.Keys != nil {
		e.keys = canonical(d.Keys)
	}
	return nil
}

func (e *expectation) kind(kind string) map[string]fields {
	switch kind {
	case "zone ":
		return e.zones
	case "dead zone ":
		return e.deathrow
	}
	return e.procs
}

// compare compares a snapshot with the expectation.
func (e *expectation) compare(s *kernelseam.Snapshot) *Difference {
	if order := canonical(s.Order); order != e.order {
		return different("order", e.order, order)
	}
	if keys := canonical(s.Keys); keys != e.keys {
		return different("zsd_keys", e.keys, keys)
	}
	if d := compareObjects(e, "zone ", e.zones, s.Zones); d != nil {
		return d
	}
	if d := compareObjects(e, "dead zone ", e.deathrow, s.Deathrow); d != nil {
		return d
	}
	return compareObjects(e, "process ", e.procs, s.Procs)
}

func compareObjects[T any](e *expectation, kind string, want map[string]fields, got map[string]*T) *Difference {
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] == nil {
			return different(kind+id, "is there", "is not")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if want[id] == nil {
			return different(kind+id, "is not there", "is")
		}
		raw, err := json.Marshal(got[id])
		if err != nil {
			return different(kind+id, "JSON", err.Error())
		}
		name := kind + id
		if e.seen[name] == string(raw) && !e.touched[name] {
			continue
		}
		e.seen[name] = string(raw)
		var now map[string]json.RawMessage
		if err := json.Unmarshal(raw, &now); err != nil {
			return different(name, "JSON", err.Error())
		}
		for _, field := range slices.Sorted(maps.Keys(want[id])) {
			if value := canonical(now[field]); value != want[id][field] {
				return different(name+" "+field, want[id][field], value)
			}
		}
	}
	return nil
}

// canonical returns JSON with sorted keys and no blanks.
func canonical(v any) string {
	raw, ok := v.(json.RawMessage)
	if !ok {
		var err error
		if raw, err = json.Marshal(v); err != nil {
			return err.Error()
		}
		if _, simple := v.([]byte); simple {
			return string(raw)
		}
	}
	if len(raw) == 0 {
		return "absent"
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return string(raw)
	}
	out, err := json.Marshal(tree)
	if err != nil {
		return string(raw)
	}
	return string(out)
}
