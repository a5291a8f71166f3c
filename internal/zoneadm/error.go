package zoneadm

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Kinds of failures, for errors.Is.
var (
	ErrNotConfigured error = zonecfg.ErrNoZone
	ErrPermission          = os.ErrPermission
	ErrState               = errors.New("not allowed in the zone's state")         // also for the global zone and reserved names
	ErrVerify              = errors.New("the zone failed to verify")               // Problems says why
	ErrMounted             = errors.New("file systems are mounted below the path") // unmount them first
	ErrUsage               = errors.New("wrong arguments")                         // of the verb or the brand
	ErrRefused             = errors.New("the zone's daemon reports a failure")     // the text is the daemon's
	// ErrTransient is the part of ErrState that may pass: another verb may be taking the
	// zone to another state, or what holds it may let go.
	ErrTransient = errors.New("the zone is between two states")
)

// StateError is a failure because of the state that a zone is in. It is an [ErrState], and in
// a state that zones only pass through an [ErrTransient].
type StateError struct{ State zonecfg.State }

// Error names the state.
func (e *StateError) Error() string { return "the zone is " + e.State.String() }

// Is reports whether the error is of a kind.
func (e *StateError) Is(kind error) bool {
	return kind == ErrState || kind == ErrTransient && slices.Contains(transient, e.State)
}

// transient are the states that zones pass through: incomplete is that of a zone that is being
// installed or removed.
var transient = []zonecfg.State{zonecfg.Incomplete, zonecfg.Ready, zonecfg.Mounted, zonecfg.ShuttingDown, zonecfg.Down}

// HookError is the failure of a brand's hook.
type HookError struct {
	Hook brand.Hook
	brand.Exit
	Output string // the last line of its standard error, unless that was a file of the caller's
	Err    error  // the error of a context that was done, or nil
}

// Error returns the name of the hook, its exit status and its last line of output.
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

// Form is the format in which zoneadm(8) prints a line.
type Form int

// The forms.
const (
	Plain   Form = iota // "zoneadm: zone 'web': text", or "zoneadm: text" without a zone
	Named               // "zoneadm: text"
	Relayed             // "zone 'web': text"
	Bare                // "text"
	Output              // "text", on standard output
)

// Line is a message of zoneadm(8), of one or more lines.
type Line struct {
	Form Form
	Text string
}

// In formats the message for a command of that name and a zone, without a newline at the
// end.
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

// about returns the message for something that failed.
func about(what string, err error) Line { return named("%s: %s", what, reason(err)) }

// lineOf returns the message for a Failure.
func lineOf(err error) Line {
	var failed *Failure
	if errors.As(err, &failed) {
		return named("%s: %s: %s", failed.Zone, failed.What, reason(failed.Err))
	}
	return named("%v", err)
}

// Error is the failure of a verb: the messages and the exit status of zoneadm(8), and the
// cause.
type Error struct {
	Zone  string // "" if none was given
	Verb  Verb
	Lines []Line // none if a hook failed: it has printed the reason
	// Problems were found by verifying. The [Observer] has received each when it was
	// found, in order with the warnings.
	Problems []string
	// Usage is set if the arguments were wrong: the verb's usage follows the lines.
	Usage  bool
	Status int
	Err    error // the cause; may be nil
}

// Error returns one line with the zone, the verb and the reason.
func (e *Error) Error() string {
	text := string(e.Verb) + ": " + e.Reason()
	if e.Zone != "" {
		text = "zone " + e.Zone + ": " + text
	}
	return text
}

// Reason returns the lines and the problems, or the cause if there are none.
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

// and adds the error of undoing the verb; nil adds nothing.
func (e *Error) and(undo error) *Error {
	if undo, ok := undo.(*Error); ok {
		e.Lines = append(e.Lines, undo.Lines...)
		e.Err = errors.Join(e.Err, undo.Err)
	}
	return e
}

// clean removes empty texts, and periods and white space at the end of the others.
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

// codeOf returns the exit status for an error of the configuration library: its number.
func codeOf(err error) int {
	var code zonecfg.Code
	if errors.As(err, &code) {
		return int(code)
	}
	return ExitFailed
}

// reason returns the text of an error: the system's for an error number, and one with file
// and line for an error in a file.
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

// detail returns what is wrong with a file, in parentheses, which the system's commands don't
// print.
func detail(err error) string {
	var broken *zonecfg.Error
	if errors.As(err, &broken) && broken.File != "" {
		return fmt.Sprintf(" (%v)", broken)
	}
	return ""
}
