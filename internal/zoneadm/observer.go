package zoneadm

import (
	"io"

	"github.com/gozones/zones/internal/trace"
)

// Observer hears what a verb has to tell while it works, and says what the brand's
// hooks read and write. The zero value hears nothing: what matters is in the error.
type Observer struct {
	In       io.Reader // nil: nothing to read
	Out, Err io.Writer // nil: dropped
	Notice   func(Notice)
	Progress func(Progress)
}

// Notice is a line that a verb tells and goes on.
type Notice struct {
	Kind NoticeKind
	Line
}

// NoticeKind says what a notice is.
type NoticeKind int

// The kinds.
const (
	Warning NoticeKind = iota // nothing fails because of it
	Problem                   // found by verifying, which goes on to find the others, and then fails
	Repair                    // something that was wrong and has been put right
	Answer                    // of the zone's daemon, whose request succeeded
)

// Progress is a part of a verb that begins, goes on or has ended.
type Progress struct {
	Zone    string
	Step    Step
	Text    string // "Copying /zones/web...", "waiting for zoneadmd to boot it"
	Printed bool   // zoneadm(8) prints the text when the step begins, and a newline at its end
	Ended   bool
	Bytes   int64 // copied so far
}

// Step is a part of a verb that takes a while.
type Step int

// The steps.
const (
	Verifying   Step = iota // the configuration, against the machine
	Installing              // the root directory is made
	RunningHook             // the brand's, which makes the root directory
	Copying                 // a zonepath, for a clone or a move
	Removing                // a zonepath
	Waiting                 // for the zone's daemon
)

// Names of the steps.
var stepNames = [...]string{"verify", "install", "hook", "copy", "remove", "wait"}

// String returns a word for the step.
func (s Step) String() string { return stepNames[s] }

// tell passes a line on.
func (t *Target) tell(kind NoticeKind, l Line) {
	if t.Notice != nil {
		t.Notice(Notice{kind, l})
	}
}

// warn tells a line that nothing fails because of.
func (t *Target) warn(l Line) { t.tell(Warning, l) }

// problem tells what verifying has found.
func (t *Target) problem(l Line) {
	t.problems = append(t.problems, clean([]string{l.Text})...)
	t.tell(Problem, l)
}

// step tells that a part begins, and returns what tells that it has ended.
func (t *Target) step(step Step, text string) (end func()) {
	return t.progress(Progress{Zone: t.Name, Step: step, Text: text})
}

// printedStep is step for one of which zoneadm(8) tells.
func (t *Target) printedStep(step Step, text string) (end func()) {
	return t.progress(Progress{Zone: t.Name, Step: step, Text: text, Printed: true})
}

func (t *Target) progress(p Progress) (end func()) {
	recorded := trace.Begin(trace.Step, p.Text)
	if t.Progress == nil {
		return recorded
	}
	t.Progress(p)
	p.Ended = true
	return func() {
		recorded()
		t.Progress(p)
	}
}
