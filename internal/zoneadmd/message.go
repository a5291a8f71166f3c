package zoneadmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// maxText is the maximum length of a reply's text: a page without the header
// (zone_cmd_rval_t) and the terminating NUL.
const maxText = 4096 - 8

// report collects the lines for the caller of a request. Those about a request of the
// kernel are logged.
type report struct {
	text   strings.Builder
	log    func(text string) // nil: text is returned to a caller
	silent bool              // a recovery: failures only follow from the first one
}

// say reports lines of text. Text beyond the limit is cut off.
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

// fail reports a failure with the system's text for its cause, and returns both as an
// error. The caller need not report anything more.
func (r *report) fail(cause error, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if cause == nil {
		r.say("%s", text)
	} else {
		r.say("%s: %s", text, reason(cause))
	}
	return because(text, cause)
}

// refuse reports a failure without its cause, as zoneadmd does; the error has the
// cause, too.
func (r *report) refuse(cause error, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	r.say("%s", text)
	return because(text, cause)
}

// because returns an error with a text and its cause, which may be nil. If the cause
// has only a number, the error gets the number: the text includes the description.
func because(text string, cause error) *zone.Error {
	e := &zone.Error{Text: strings.ReplaceAll(text, "\n", "; "), Cause: zone.AsError(cause)}
	if c := e.Cause; c != nil && *c == (zone.Error{Errno: c.Errno}) {
		e.Errno, e.Cause = c.Errno, nil
	}
	return e
}

// about returns the error of a request from that of the step that failed.
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

// reason returns the text for a cause: the system's for an error number, the
// configuration library's for its code, else the error's own.
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

// unlessGone returns nil for an error that says that the zone no longer exists.
func unlessGone(err error) error {
	if zone.ErrnoOf(err) == errno.EINVAL {
		return nil
	}
	return err
}

// say logs a line.
func (d *Daemon) say(format string, args ...any) {
	d.Log(fmt.Sprintf("[zone '%s'] ", d.Zone) + fmt.Sprintf(format, args...))
}
