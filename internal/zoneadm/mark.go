package zoneadm

import (
	"context"

	"github.com/gozones/zones/zonecfg"
)

// MarkOptions are the options of [Target.Mark].
type MarkOptions struct {
	State zonecfg.State // Configured, Incomplete or Installed
	Args  []string      // the arguments of the brand's hook
}

// Mark sets the state of a zone in the index, without doing anything else.
func (t *Target) Mark(ctx context.Context, o MarkOptions) error {
	defer t.forget()
	if o.State > zonecfg.Installed {
		t.verb = VerbMark
		return t.usage()
	}
	if err := t.enter(VerbMark, mustNot, false); err != nil {
		return err
	}
	if err := t.hookAllows(ctx, o.Args); err != nil {
		return err
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.Store.SetState(t.Name, o.State); err != nil {
		failed := t.failed(err, about("state change failed", err))
		failed.Status = codeOf(err)
		return failed
	}
	return nil
}
