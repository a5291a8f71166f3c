package replay

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
)

// Difference is the first difference between a kernel and a recording.
type Difference struct {
	Sequence  string
	Step      int
	Call      string
	Field     string
	Want, Got string
}

// Error names the position, the field, and both values.
func (d *Difference) Error() string {
	return fmt.Sprintf("%s: step %d (%s): %s:\n  want %s\n  got  %s", d.Sequence, d.Step, d.Call, d.Field, d.Want, d.Got)
}

// Run replays a sequence and returns how many steps were made and the first
// difference, a *[Difference], or another error when the sequence can't be run.
func Run(t *testing.T, env *Environment, s *Sequence) (steps int, err error) {
	synctest.Test(t, func(*testing.T) { steps, err = run(env, s) })
	return steps, err
}

func run(env *Environment, s *Sequence) (int, error) {
	w, err := newWorld(env)
	if err != nil {
		return 0, err
	}
	synctest.Wait()
	want, err := newExpectation(s.Initial)
	if err != nil {
		return 0, err
	}
	defer w.abandon()
	if d := want.compare(w.in.Inspect()); d != nil {
		d.Sequence = s.Name
		return 0, d
	}
	for i := range s.Steps {
		// For a repetition, the recorder writes the state of the previous step with the
		// repetition.
		late := i+1 < len(s.Steps) && s.Steps[i+1].Call == "repeat_failed_create" && s.Steps[i].State == nil
		if err := w.step(&s.Steps[i], want, late); err != nil {
			if d, ok := err.(*Difference); ok {
				d.Sequence, d.Step, d.Call = s.Name, s.Steps[i].N, s.Steps[i].Call
				return i, d
			}
			return i, fmt.Errorf("%s: step %d (%s): %w", s.Name, s.Steps[i].N, s.Steps[i].Call, err)
		}
	}
	return len(s.Steps), nil
}

// step makes one step and compares everything that was observed. It compares the state
// only if that was recorded with the step.
func (w *world) step(s *Step, want *expectation, stateLate bool) error {
	c := &call{step: s, proc: w.k.Global()}
	if s.PID != nil && *s.PID != 0 {
		if c.proc = w.k.Proc(*s.PID); c.proc == nil {
			return fmt.Errorf("there is no process %d", *s.PID)
		}
	}
	before := w.clock.Ticks()
	go w.start(c)
	synctest.Wait()
	w.pass(s, before)
	if c.err != nil {
		return c.err
	}
	if d := s.compareCall(c); d != nil {
		return d
	}
	if !c.done {
		w.calls[s.N] = c
	}
	if d := w.compareCompleted(s, c); d != nil {
		return d
	}
	if d := w.compareEvents(s); d != nil {
		return d
	}
	if stateLate {
		return nil
	}
	if err := want.apply(s.State); err != nil {
		return err
	}
	if d := want.compare(w.in.Inspect()); d != nil {
		return d
	}
	return nil
}

func (w *world) start(c *call) {
	err := w.make(c)
	w.mu.Lock()
	defer w.mu.Unlock()
	c.result.out = c.mem.changed()
	c.err, c.done = err, true
}

// pass advances the clock for a step: by the ticks that it names, otherwise only to
// timers within its budget.
func (w *world) pass(s *Step, before int64) {
	limit := before + s.Budget
	if s.Call == "tick" {
		limit = before + s.number("ticks")
	}
	for w.clock.advance(limit) {
		synctest.Wait()
	}
	if s.Call == "tick" {
		w.clock.set(limit)
	}
}

// abandon makes the calls return that a sequence left blocked: a recording may stop
// anywhere, but a goroutine must not outlive its test.
func (w *world) abandon() { w.in.Abandon(); synctest.Wait() }

func different(field string, want, got any) *Difference {
	return &Difference{Field: field, Want: show(want), Got: show(got)}
}

func show(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}

// compareCall compares the result of the step's own call.
func (s *Step) compareCall(c *call) *Difference {
	if s.Blocked == c.done {
		if c.done {
			return different("blocked", "blocked", fmt.Sprintf("returned %s, errno %d", show(c.result.ret), c.result.errno))
		}
		return different("blocked", "returned", "blocked")
	}
	if !c.done {
		return nil
	}
	return compareResult(&s.Result, &c.result)
}

func compareResult(want *Result, got *observed) *Difference {
	if want.NoReturn != got.noReturn {
		return different("noreturn", want.NoReturn, got.noReturn)
	}
	if want.Errno != int32(got.errno) {
		return different("errno", want.Errno, fmt.Sprintf("%d %s", got.errno, got.errno.Name()))
	}
	if !want.RetUndefined && want.Ret != nil && (got.ret == nil || *want.Ret != *got.ret) {
		return different("ret", want.Ret, got.ret)
	}
	for name, text := range want.Out {
		raw, err := parseBytes(text)
		if err != nil {
			return different("out "+name, text, err.Error())
		}
		if !slices.Equal(raw, got.out[name]) {
			return different("out "+name, fmt.Sprintf("%x", raw), fmt.Sprintf("%x", got.out[name]))
		}
	}
	for name, raw := range got.out {
		if _, ok := want.Out[name]; !ok {
			return different("out "+name, "unchanged", fmt.Sprintf("%x", raw))
		}
	}
	return compareFields(want, got)
}

// compareFields compares the results that only some calls have.
func compareFields(want *Result, got *observed) *Difference {
	if want.Skipped != nil {
		return nil
	}
	check := func(name string, present bool, v any) *Difference {
		if g, ok := got.fields[name]; present && (!ok || canonical(v) != canonical(g)) {
			return different(name, canonical(v), canonical(g))
		}
		return nil
	}
	visible := want.Visible != nil && *want.Visible != 0
	for _, f := range []struct {
		name    string
		present bool
		v       any
	}{
		{"key", want.Key != nil, want.Key}, {"visible", want.Visible != nil, visible}, {"write", want.Write != nil, want.Write},
		{"zoneid", want.ZoneID != nil, want.ZoneID}, {"hostid", want.HostID != nil, want.HostID},
		{"ncpus", want.NCPUs != nil, want.NCPUs}, {"ncpus_online", want.NCPUsOnline != nil, want.NCPUsOnline},
		{"psetid", want.PsetID != nil, want.PsetID}, {"kstats", want.Kstats != nil, want.Kstats}, {"holds", want.Holds != nil, want.Holds},
	} {
		if d := check(f.name, f.present, f.v); d != nil {
			return d
		}
	}
	return nil
}

// compareCompleted compares the earlier calls that have returned during this step.
func (w *world) compareCompleted(s *Step, own *call) *Difference {
	returned := map[int]*call{}
	for n, c := range w.calls {
		if c.done && c != own {
			returned[n] = c
			delete(w.calls, n)
		}
	}
	for i := range s.Completed {
		want := &s.Completed[i]
		c, ok := returned[want.Step]
		if !ok {
			return different("completed", fmt.Sprintf("the call of step %d", want.Step), "still blocked")
		}
		delete(returned, want.Step)
		if d := compareResult(&want.Result, &c.result); d != nil {
			d.Field = fmt.Sprintf("completed step %d: %s", want.Step, d.Field)
			return d
		}
	}
	for n, c := range returned {
		return different("completed", "still blocked", fmt.Sprintf("the call of step %d returned %s, errno %d", n, show(c.result.ret), c.result.errno))
	}
	return nil
}

// compareEvents compares the published events and log lines, in order. Events that
// only describe the environment are left out.
func (w *world) compareEvents(s *Step) *Difference {
	events, log := w.take()
	var want []Event
	for _, e := range s.Events {
		switch e["e"] {
		case "sysevent", "zsd", "door_open", "door_upcall", "walk":
			want = append(want, e)
		}
	}
	for i := range max(len(want), len(events)) {
		a, b := "nothing", "nothing"
		if i < len(want) {
			a = canonical(want[i])
		}
		if i < len(events) {
			b = canonical(events[i])
		}
		if a != b {
			return different(fmt.Sprintf("event %d", i+1), a, b)
		}
	}
	if s.LogTotal > 0 && len(log) > 10 {
		if len(log) != s.LogTotal {
			return different("log_total", s.LogTotal, len(log))
		}
		log = append(slices.Clone(log[:5]), log[len(log)-5:]...)
	}
	if !slices.Equal(s.Log, log) {
		return different("log", s.Log, log)
	}
	return nil
}
