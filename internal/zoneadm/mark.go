package zoneadm

import (
	"context"

	"github.com/gozones/zones/zonecfg"
)

// MarkOptions are what Mark is told.
type MarkOptions struct {
	State zonecfg.State // Configured, Incomplete or Installed
	Args  []string      // as the brand's hook gets them
}

// Mark sets the state that a zone has on disk, and changes nothing else of it.
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
