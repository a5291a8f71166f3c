package zoneadm

import (
	"io"

	"github.com/gozones/zones/internal/trace"
)

// Observer receives the messages of a verb while it runs, and has the standard files of the
// brand's hooks. Nil fields drop theirs.
type Observer struct {
	In       io.Reader // of hooks
	Out, Err io.Writer // of hooks
	Notice   func(Notice)
	Progress func(Progress)
}

// Notice is a message of a verb that continues.
type Notice struct {
	Kind NoticeKind
	Line
}

// NoticeKind is the kind of a notice.
type NoticeKind int

// The kinds.
const (
	Warning NoticeKind = iota
	Problem            // found by verifying, which then looks for others, and fails
	Repair             // of something that was wrong
	Answer             // from the zone's daemon, after success
)

// Progress describes a step of a verb when it begins, makes progress or ends.
type Progress struct {
	Zone    string
	Step    Step
	Text    string // "Copying /zones/web...", "waiting for zoneadmd to boot it"
	Printed bool   // zoneadm(8) prints the text when the step begins, and a newline when it ends
	Ended   bool
	Bytes   int64 // copied so far
}

// Step is a step of a verb that may take long.
type Step int

// The steps.
const (
	Verifying   Step = iota // the configuration is verified
	Installing              // the root directory is created
	RunningHook             // the brand's hook creates the root directory
	Copying                 // a zonepath is copied, for a clone or a move
	Removing                // a zonepath is removed
	Waiting                 // for the zone's daemon
)

// stepNames are the names of the steps.
var stepNames = [...]string{"verify", "install", "hook", "copy", "remove", "wait"}

// String returns the name of the step.
func (s Step) String() string { return stepNames[s] }

// tell sends a notice.
func (t *Target) tell(kind NoticeKind, l Line) {
	if t.Notice != nil {
		t.Notice(Notice{kind, l})
	}
}

// warn sends a warning.
func (t *Target) warn(l Line) { t.tell(Warning, l) }

// problem records and sends a problem found by verifying.
func (t *Target) problem(l Line) {
	t.problems = append(t.problems, clean([]string{l.Text})...)
	t.tell(Problem, l)
}

// step reports the beginning of a step and returns a function that reports its end.
func (t *Target) step(step Step, text string) (end func()) {
	return t.progress(Progress{Zone: t.Name, Step: step, Text: text})
}

// printedStep is step for a text that zoneadm(8) prints.
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
