// Package undo collects the undos of an operation that is made in steps.
//
//	var undos undo.Stack
//	defer undos.Run()
//	if err := mount(); err != nil {
//		return err
//	}
//	undos.Add(unmount)
//	…
//	undos.Drop() // success: what was done stays
//	return nil
package undo

// Stack holds the undos of the steps done so far. The zero value is empty and
// ready to use. A Stack belongs to one goroutine.
type Stack struct{ undos []func() }

// Add puts the undo of a step that has just succeeded on the stack.
func (s *Stack) Add(undo func()) {
	if s.undos == nil {
		s.undos = make([]func(), 0, 4) // most operations have few steps
	}
	s.undos = append(s.undos, undo)
}

// Run runs the undos backwards, the last one added first, each once: the stack
// is empty afterwards. An undo that panics doesn't keep the earlier ones from
// running.
func (s *Stack) Run() {
	n := len(s.undos)
	if n == 0 {
		return
	}
	last := s.undos[n-1]
	s.undos = s.undos[:n-1]
	defer s.Run()
	last()
}

// Drop empties the stack without running anything: the operation has succeeded.
func (s *Stack) Drop() {
	clear(s.undos)
	s.undos = s.undos[:0]
}
