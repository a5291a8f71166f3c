package zoneadmd

import (
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// plan is a list of steps for one call of the kernel, each with a function that
// reports its failure.
type plan struct {
	r      *request
	steps  []zone.Step
	failed []func(error) error // of the step with the same index
}

// add plans a required step.
func (p *plan) add(step zone.Step, format string, args ...any) {
	p.addWith(step, func(err error) error { return p.r.fail(err, format, args...) })
}

// addNewer plans a required attribute without a value that only newer kernels have. The call
// is the probe: a kernel that lacks the attribute refuses it with EINVAL.
func (p *plan) addNewer(attr zone.Attr, text string) {
	p.addWith(zone.Attribute(attr, nil), func(err error) error {
		if zone.ErrnoOf(err) == errno.EINVAL {
			err = fmt.Errorf("this kernel has no attribute %d: %w", attr, errno.ENOTSUP)
		}
		return p.r.fail(err, "%s", text)
	})
}

// addWith is add with a function that reports the failure and returns the error. For
// an optional step it may return nil: the zone continues without it.
func (p *plan) addWith(step zone.Step, failed func(error) error) {
	p.steps = append(p.steps, step)
	p.failed = append(p.failed, failed)
}

// try plans an optional step.
func (p *plan) try(step zone.Step, failed func(error) error) {
	step.Optional = true
	p.addWith(step, failed)
}

// tell reports the failed steps, in order. last is the index of the failed required
// step, with its error; -1 if there is none.
func (p *plan) tell(out *zone.Outcome) (last int, err error) {
	for _, f := range out.Failed {
		if f.Step < 0 || f.Step >= len(p.failed) {
			continue // another process reports it
		}
		if err := p.failed[f.Step](f.Err); err != nil {
			return f.Step, err
		}
	}
	return -1, nil
}

// ended reports whether a failed step ended the call.
func (p *plan) ended(out *zone.Outcome) bool {
	if len(out.Failed) == 0 {
		return false
	}
	last := out.Failed[len(out.Failed)-1].Step
	return last >= 0 && last < len(p.steps) && !p.steps[last].Optional
}
