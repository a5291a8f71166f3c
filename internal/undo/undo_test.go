package undo_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/undo"
)

func Example() {
	attach := func(fail bool) error {
		var undos undo.Stack
		defer undos.Run()
		fmt.Println("mount")
		undos.Add(func() { fmt.Println("unmount") })
		fmt.Println("open")
		undos.Add(func() { fmt.Println("close") })
		if fail {
			return fmt.Errorf("no device")
		}
		undos.Drop()
		return nil
	}
	fmt.Println(attach(false))
	fmt.Println(attach(true))
	// Output:
	// mount
	// open
	// <nil>
	// mount
	// open
	// close
	// unmount
	// no device
}

func TestStack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		use  func(s *undo.Stack, step func(int) func())
		want []int
	}{
		{"empty", func(s *undo.Stack, step func(int) func()) { s.Run() }, nil},
		{"backwards", func(s *undo.Stack, step func(int) func()) { s.Add(step(1)); s.Add(step(2)); s.Run() }, []int{2, 1}},
		{"once", func(s *undo.Stack, step func(int) func()) { s.Add(step(1)); s.Run(); s.Run() }, []int{1}},
		{"dropped", func(s *undo.Stack, step func(int) func()) { s.Add(step(1)); s.Drop(); s.Run() }, nil},
		{"used again", func(s *undo.Stack, step func(int) func()) { s.Add(step(1)); s.Drop(); s.Add(step(2)); s.Run() }, []int{2}},
		{"added by an undo", func(s *undo.Stack, step func(int) func()) {
			s.Add(step(1))
			s.Add(func() { s.Add(step(2)) })
			s.Run()
		}, []int{2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var ran []int
			test.use(new(undo.Stack), func(n int) func() { return func() { ran = append(ran, n) } })
			if !slices.Equal(ran, test.want) {
				t.Errorf("ran %v, want %v", ran, test.want)
			}
		})
	}
}

// TestPanic checks that an undo which panics leaves none of the others out.
func TestPanic(t *testing.T) {
	t.Parallel()
	ran := false
	var undos undo.Stack
	undos.Add(func() { ran = true })
	undos.Add(func() { panic("second") })
	func() {
		defer func() {
			if r := recover(); r != "second" {
				t.Errorf("recovered %v", r)
			}
		}()
		undos.Run()
	}()
	if !ran {
		t.Error("the first undo didn't run")
	}
}
