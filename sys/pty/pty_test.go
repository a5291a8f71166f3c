package pty_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/pty"
)

// TestPair opens a pair and writes through it, on illumos.
func TestPair(t *testing.T) {
	manager, name, err := pty.Open()
	if runtime.GOOS != "illumos" {
		if !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("opening: %v", err)
		}
		return
	}
	if errors.Is(err, os.ErrNotExist) {
		testenv.Need(t, testenv.Given("/dev/ptmx", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	terminal, err := pty.OpenTerminal(name)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	want := pty.Size{Rows: 43, Cols: 132}
	if err := pty.Resize(manager, want); err != nil {
		t.Fatal(err)
	}
	if got, err := pty.SizeOf(terminal); got != want || err != nil {
		t.Errorf("the terminal is %+v, %v", got, err)
	}
	state, err := pty.MakeRaw(terminal)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manager.WriteString("a\x03b"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	if n, err := terminal.Read(buf); string(buf[:n]) != "a\x03b" || err != nil {
		t.Errorf("in raw mode %q was read, %v", buf[:n], err)
	}
	if err := state.Restore(terminal); err != nil {
		t.Error(err)
	}
	if _, err := manager.WriteString("line\r"); err != nil {
		t.Fatal(err)
	}
	if n, err := terminal.Read(buf); string(buf[:n]) != "line\n" || err != nil {
		t.Errorf("in line mode %q was read, %v", buf[:n], err)
	}
}

// TestNoTerminal checks that a file is not a terminal.
func TestNoTerminal(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := pty.SizeOf(f); err == nil {
		t.Error("a file has the size of a terminal")
	}
	if _, err := pty.MakeRaw(f); err == nil {
		t.Error("a file has the mode of a terminal")
	}
}

func ExampleMakeRaw() {
	f, err := os.Open(os.DevNull)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	state, err := pty.MakeRaw(f)
	if errors.Is(err, syscall.ENOTTY) || errors.Is(err, errno.ENOTSUP) {
		fmt.Println("not a terminal")
		return
	}
	defer state.Restore(f)
	// Output: not a terminal
}
