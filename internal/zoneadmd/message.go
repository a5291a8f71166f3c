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

// report collects what is to be told to whoever made a request. That of the kernel
// goes to the log.
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

// fail tells what went wrong with the system's text for it, and returns an error
// that says so once: whoever gets it has nothing more to tell.
func (r *report) fail(err error, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if err != nil {
		text += ": " + reason(err)
	}
	r.say("%s", text)
	return &told{text, err}
}

// told is an error that has been told.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.err }

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
