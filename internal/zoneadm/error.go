package zoneadm

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// What kinds of failures a caller may want to tell apart. An [Error] has one of them
// in its chain where it fits.
var (
	ErrNotConfigured error = zonecfg.ErrNoZone
	ErrPermission          = os.ErrPermission                                      // the caller may not do this
	ErrState               = errors.New("the zone's state doesn't allow it")       // also: the global zone, reserved names
	ErrVerify              = errors.New("the zone failed to verify")               // its Problems say what is wrong
	ErrMounted             = errors.New("file systems are mounted below the path") // unmount them first
	ErrUsage               = errors.New("wrong arguments")                         // of the verb, or of the zone's brand
	ErrRefused             = errors.New("the zone's daemon refused the request")   // the text is the daemon's
)

// HookError is a brand's hook that failed.
type HookError struct {
	Hook brand.Hook
	brand.Exit
	Output string // the last line that it printed on its standard error, where that was to be had
	Err    error  // of a context that was done, nil for none
}

// Error names the hook, how it ended and its last words.
func (e *HookError) Error() string {
	text := fmt.Sprintf("brand hook %s exited with status %d", e.Hook, e.Code)
	if e.Signal != 0 {
		text = fmt.Sprintf("brand hook %s was killed by SIG%s", e.Hook, signalName(e.Signal))
	}
	if e.Output != "" {
		text += ": " + e.Output
	}
	return text
}

// Unwrap returns the context's error.
func (e *HookError) Unwrap() error { return e.Err }

// Form is how zoneadm(8) prints a line.
type Form int

// The forms.
const (
	Plain   Form = iota // "zoneadm: zone 'web': text", or "zoneadm: text" without a zone
	Named               // "zoneadm: text"
	Relayed             // "zone 'web': text"
	Bare                // "text"
	Output              // "text", on standard output
)

// Line is a line of zoneadm(8), or a few.
type Line struct {
	Form Form
	Text string
}

// In returns the line as a command of that name prints it about a zone, without the
// end of line.
func (l Line) In(prog, zone string) string {
	switch {
	case l.Form == Plain && zone != "":
		return fmt.Sprintf("%s: zone '%s': %s", prog, zone, l.Text)
	case l.Form == Plain, l.Form == Named:
		return prog + ": " + l.Text
	case l.Form == Relayed:
		return fmt.Sprintf("zone '%s': %s", zone, l.Text)
	}
	return l.Text
}

func plain(format string, args ...any) Line   { return Line{Plain, fmt.Sprintf(format, args...)} }
func named(format string, args ...any) Line   { return Line{Named, fmt.Sprintf(format, args...)} }
func relayed(format string, args ...any) Line { return Line{Relayed, fmt.Sprintf(format, args...)} }
func bare(format string, args ...any) Line    { return Line{Bare, fmt.Sprintf(format, args...)} }

// about is a line about something, with the reason.
func about(what string, err error) Line { return named("%s: %s", what, reason(err)) }

// lineOf is the line for something that could not be found out of a zone.
func lineOf(err error) Line {
	var failed *Failure
	if errors.As(err, &failed) {
		return named("%s: %s: %s", failed.Zone, failed.What, reason(failed.Err))
	}
	return named("%v", err)
}

// Error is why a verb failed: what zoneadm(8) prints for that, the exit status that it
// has, and the cause.
type Error struct {
	Zone  string // "": none was given
	Verb  Verb
	Lines []Line // none for a failed hook, which has said why itself
	// Problems are what verifying found. Each was told to the [Observer] when it was
	// found, in order with the warnings.
	Problems []string
	// Usage: the arguments were wrong, and the verb's usage follows the lines.
	Usage  bool
	Status int
	Err    error // nil: the lines are all that is known
}

// Error is one line: the zone, the verb and the reason.
func (e *Error) Error() string {
	text := string(e.Verb) + ": " + e.Reason()
	if e.Zone != "" {
		text = "zone " + e.Zone + ": " + text
	}
	return text
}

// Reason is the lines and the problems in one, or else the cause.
func (e *Error) Reason() string {
	var texts []string
	for _, l := range e.Lines {
		texts = append(texts, strings.Split(l.Text, "\n")...)
	}
	texts = append(texts, e.Problems...)
	texts = clean(texts)
	if len(texts) == 0 && e.Err != nil {
		return e.Err.Error()
	}
	return strings.Join(texts, "; ")
}

// and adds what went wrong when the verb put things back, nil for nothing.
func (e *Error) and(undo error) *Error {
	if undo, ok := undo.(*Error); ok {
		e.Lines = append(e.Lines, undo.Lines...)
		e.Err = errors.Join(e.Err, undo.Err)
	}
	return e
}

// clean drops what is empty, and what belongs to the end of lines.
func clean(texts []string) (out []string) {
	for _, text := range texts {
		if text = strings.TrimRight(strings.TrimSpace(text), "."); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// codeOf is the exit status for an error of the configuration library: its number.
func codeOf(err error) int {
	var code zonecfg.Code
	if errors.As(err, &code) {
		return int(code)
	}
	return ExitFailed
}

// reason is the text of an error: the system's for a number, and with file and line
// where it is about a file.
func reason(err error) string {
	var failed *Failure
	if errors.As(err, &failed) {
		err = failed.Err
	}
	var file *zonecfg.Error
	if errors.As(err, &file) {
		return file.Error()
	}
	var code zonecfg.Code
	if errors.As(err, &code) {
		return code.Error()
	}
	if n, ok := errno.Of(err); ok {
		return n.Error()
	}
	return err.Error()
}

// detail is where a file is wrong, in brackets; the system's commands don't tell.
func detail(err error) string {
	var broken *zonecfg.Error
	if errors.As(err, &broken) && broken.File != "" && broken.Line > 0 {
		return fmt.Sprintf(" (%v)", broken)
	}
	return ""
}
