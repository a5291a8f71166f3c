package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/reeflective/readline"
)

// historyLines is how many lines of earlier sessions are kept.
const historyLines = 1000

// history has the lines that a user typed at the prompt, and their file. Without that, for
// example because the user has no home directory, lines are kept for the session only.
type history struct {
	path   string
	lines  []string
	closed bool // what is read is no line of the language
}

var _ readline.History = (*history)(nil)

// userHistory returns the history of this process' user, in the state directory of the
// XDG base directory specification.
func userHistory() *history {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return &history{}
		}
		state = filepath.Join(home, ".local", "state")
	}
	return &history{path: filepath.Join(state, "zonecfg-go", "history")}
}

// load reads the lines of the file, oldest first. It drops the oldest ones of a file that
// has grown to twice what is kept.
func (h *history) load() {
	text, err := os.ReadFile(h.path)
	if err != nil {
		return
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	all := len(lines)
	h.lines = lines[max(0, all-historyLines):]
	if all >= 2*historyLines {
		h.replace()
	}
}

// replace writes the file anew. A session that adds a line at that moment may lose it.
func (h *history) replace() {
	new := h.path + ".new"
	if os.WriteFile(new, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600) != nil || os.Rename(new, h.path) != nil {
		os.Remove(new)
	}
}

// Write adds a line. An error on the file costs the history and nothing else.
func (h *history) Write(line string) (int, error) {
	if !h.closed {
		h.lines = append(h.lines, line)
		h.add(line)
	}
	return len(h.lines), nil
}

// GetLine returns a line, the oldest one for 0.
func (h *history) GetLine(i int) (string, error) {
	if i < 0 || i >= len(h.lines) {
		return "", fmt.Errorf("the history has no line %d", i)
	}
	return h.lines[i], nil
}

// Len returns the number of lines.
func (h *history) Len() int { return len(h.lines) }

// Dump returns the lines.
func (h *history) Dump() any { return h.lines }

// add appends a line to the file.
func (h *history) add(line string) {
	if h.path == "" || os.MkdirAll(filepath.Dir(h.path), 0o700) != nil {
		return
	}
	f, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = f.WriteString(line + "\n")
}
