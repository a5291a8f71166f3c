package zoneadmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// maxText is the most that a reply's text may have: a page without its head
// (zone_cmd_rval_t), and without the NUL.
const maxText = 4096 - 8

// report collects the lines for whoever made a request. Those about a request of the
// kernel go to the log.
type report struct {
	text   strings.Builder
	log    func(text string) // nil: text is for a caller
	silent bool              // a recovery: what goes wrong is only a consequence
}

// say tells lines of text. What doesn't fit any more is cut.
func (r *report) say(format string, args ...any) {
	if r.silent {
		return
	}
	text := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	if r.log != nil {
		for line := range strings.Lines(text) {
			r.log(strings.TrimRight(line, "\n"))
		}
		return
	}
	r.text.WriteString(text[:min(len(text), max(0, maxText-r.text.Len()))])
	if r.text.Len() < maxText {
		r.text.WriteByte('\n')
	}
}

// fail tells what went wrong and the system's text for why, and returns both as an
// error. Who gets that has nothing more to tell.
func (r *report) fail(cause error, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if cause == nil {
		r.say("%s", text)
	} else {
		r.say("%s: %s", text, reason(cause))
	}
	return because(text, cause)
}

// refuse tells only what went wrong, as zoneadmd does; the error has the cause, too.
func (r *report) refuse(cause error, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	r.say("%s", text)
	return because(text, cause)
}

// because is an error with a text and its cause, which may be nil. A cause that is no
// more than a number is the error's own number: the text has told it.
func because(text string, cause error) *zone.Error {
	e := &zone.Error{Text: strings.ReplaceAll(text, "\n", "; "), Cause: zone.AsError(cause)}
	if c := e.Cause; c != nil && *c == (zone.Error{Errno: c.Errno}) {
		e.Errno, e.Cause = c.Errno, nil
	}
	return e
}

// about makes the error of a request from that of the step that failed.
func (r *request) about(name string, err error) *zone.Error {
	e := zone.AsError(err)
	if e == nil {
		return nil
	}
	if e.Op != "" || e.Name != "" {
		return &zone.Error{Op: r.Command.String(), Name: name, Cause: e}
	}
	whole := *e
	whole.Op, whole.Name = r.Command.String(), name
	return &whole
}

// reason is the text for what is behind an error: the system's for its number, that
// of the configuration library for its code, else its own.
func reason(err error) string {
	var code zonecfg.Code
	if errors.As(err, &code) {
		return err.Error()
	}
	if e, ok := errno.Of(err); ok {
		return e.Error()
	}
	return err.Error()
}

// unlessGone makes an error about a zone that isn't there any more none.
func unlessGone(err error) error {
	if zone.ErrnoOf(err) == errno.EINVAL {
		return nil
	}
	return err
}

// say tells the log.
func (d *Daemon) say(format string, args ...any) {
	d.Log(fmt.Sprintf("[zone '%s'] ", d.Zone) + fmt.Sprintf(format, args...))
}
