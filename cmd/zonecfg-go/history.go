package main

import (
	"os"
	"path/filepath"
	"strings"
)

// historyLines is how many lines of earlier sessions are kept.
const historyLines = 1000

// history is the file of the lines that a user typed at the prompt. Without it, for example
// because the user has no home directory, lines are kept for the session only.
type history struct{ path string }

// userHistory returns the history of this process' user, in the state directory of the
// XDG base directory specification.
func userHistory() history {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return history{}
		}
		state = filepath.Join(home, ".local", "state")
	}
	return history{filepath.Join(state, "zonecfg-go", "history")}
}

// read returns the lines, oldest first. It drops the oldest ones of a file that has grown
// to twice what is kept.
func (h history) read() []string {
	text, err := os.ReadFile(h.path)
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	all := len(lines)
	lines = lines[max(0, all-historyLines):]
	if all >= 2*historyLines {
		h.replace(lines)
	}
	return lines
}

// replace writes the file anew. A session that adds a line at that moment may lose it.
func (h history) replace(lines []string) {
	new := h.path + ".new"
	if os.WriteFile(new, []byte(strings.Join(lines, "\n")+"\n"), 0o600) != nil || os.Rename(new, h.path) != nil {
		os.Remove(new)
	}
}

// add appends a line.
func (h history) add(line string) {
	if h.path == "" || os.MkdirAll(filepath.Dir(h.path), 0o700) != nil {
		return
	}
	f, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	f.WriteString(line + "\n")
}
