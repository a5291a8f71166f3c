package zoneadmd

import "github.com/gozones/zones/sys/zone"

// plan is a list of steps for one call of the kernel. Each knows what to tell when it
// has failed.
type plan struct {
	r      *request
	steps  []zone.Step
	failed []func(error) error // of the step at the same place
}

// add plans a step that the zone can't be without.
func (p *plan) add(step zone.Step, format string, args ...any) {
	p.addWith(step, func(err error) error { return p.r.fail(err, format, args...) })
}

// addWith is add with a function that tells of the failure and returns the error.
// For a step that is optional that may be nil: the zone does without.
func (p *plan) addWith(step zone.Step, failed func(error) error) {
	p.steps = append(p.steps, step)
	p.failed = append(p.failed, failed)
}

// try plans a step that the zone can be without.
func (p *plan) try(step zone.Step, failed func(error) error) {
	step.Optional = true
	p.addWith(step, failed)
}

// tell tells of the steps that have failed, in order. last is the place of the one
// that the zone can't be without, with its error; -1 when there is none.
func (p *plan) tell(out *zone.Outcome) (last int, err error) {
	for _, f := range out.Failed {
		if f.Step < 0 || f.Step >= len(p.failed) {
			continue // another process says so
		}
		if err := p.failed[f.Step](f.Err); err != nil {
			return f.Step, err
		}
	}
	return -1, nil
}

// ended tells that it was a step that ended the call.
func (p *plan) ended(out *zone.Outcome) bool {
	if len(out.Failed) == 0 {
		return false
	}
	last := out.Failed[len(out.Failed)-1].Step
	return last >= 0 && last < len(p.steps) && !p.steps[last].Optional
}
