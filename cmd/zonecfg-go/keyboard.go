package main

import (
	"bytes"
	"os"
	"time"
	"unicode/utf8"

	"github.com/gozones/zones/internal/posix"
)

// keyboard is between the terminal and the line editor, which it gives all keys but those
// that the editor can't take: a key with modifiers, such as Shift-F3, that looks like the
// terminal's answer to the question where the cursor is. The editor would wait for ever
// for the one that asked.
type keyboard struct {
	reads, writes *os.File // the editor reads what is written here, a message at a time
	keys          reports
	typed         []byte // what the editor hasn't got yet
	ended         bool   // the terminal is gone
}

// message is how much the editor reads at once. A message that ends within a character
// would make two of it.
const message = 1024

// newKeyboard returns nil on systems where the editor doesn't read from a descriptor.
func newKeyboard() *keyboard {
	reads, writes, err := posix.Messages()
	if err != nil {
		return nil
	}
	return &keyboard{reads: reads, writes: writes}
}

// during has the keys delivered while the editor reads a line. At other times the terminal
// is left to what else reads from it: questions, pagers, hooks.
func (k *keyboard) during(edit func() (string, error)) (string, error) {
	if k == nil {
		return edit()
	}
	stop, stopped, err := os.Pipe()
	if err != nil {
		return "", err
	}
	// The editor's library has kept what os.Stdin pointed to when it was initialized, and
	// reads keys there; the mode of the terminal it sets through os.Stdin as it is now.
	library, terminal := os.Stdin, *os.Stdin
	os.Stdin, *library = &terminal, *k.reads
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.deliver(&terminal, stop)
	}()
	defer func() {
		stopped.Close()
		_ = k.writes.SetWriteDeadline(time.Unix(0, 1)) // don't wait for a reader either
		<-done
		_ = k.writes.SetWriteDeadline(time.Time{})
		stop.Close()
		os.Stdin, *library = library, terminal
	}()
	return edit()
}

// deliver passes keys on until stop can be read.
func (k *keyboard) deliver(terminal, stop *os.File) {
	buffer := make([]byte, message-maxReport-utf8.UTFMax)
	for {
		if len(k.typed) > 0 || k.ended {
			if _, err := k.writes.Write(k.typed); err != nil { // an empty message is the end
				return
			}
			k.typed = nil
		}
		ready, err := posix.AwaitInput(terminal, stop)
		if err == nil && !ready || k.ended {
			return
		}
		n := 0
		if err == nil {
			n, err = terminal.Read(buffer)
		}
		k.ended = err != nil
		k.typed = k.keys.without(buffer[:n], n == len(buffer))
	}
}

// reports takes reports of the cursor's position out of keys: ESC [ row ; column R.
type reports struct {
	begun []byte // of what may become a report, or at the end of a full buffer of a character
	sent  int    // of that, what was passed on already: an ESC that may have been the key
}

// maxReport is how long a report can be; what is longer is none.
const maxReport = 32

// without returns the keys without reports. What may become one is kept for the next call,
// and if there is more to come so is the beginning of a character.
func (r *reports) without(keys []byte, more bool) (out []byte) {
	for _, c := range keys {
		switch {
		case r.continues(c):
			if r.begun = append(r.begun, c); c == 'R' {
				r.begun, r.sent = nil, 0
			}
		default:
			out = append(out, r.begun[r.sent:]...)
			r.begun, r.sent = nil, 0
			if c == '\x1b' {
				r.begun = []byte{c}
			} else {
				out = append(out, c)
			}
		}
	}
	if len(r.begun) == 1 && r.sent == 0 && !more {
		out, r.sent = append(out, r.begun...), 1
	}
	for n := 1; more && len(r.begun) == 0 && n < utf8.UTFMax && n <= len(out); n++ {
		if last := out[len(out)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				r.begun, out = bytes.Clone(last), out[:len(out)-n]
			}
			break
		}
	}
	return out
}

// continues tells whether a byte continues what may become a report.
func (r *reports) continues(c byte) bool {
	if len(r.begun) == 0 || r.begun[0] != '\x1b' || len(r.begun) == maxReport {
		return false
	}
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	last := r.begun[len(r.begun)-1]
	switch c {
	case '[':
		return len(r.begun) == 1
	case ';':
		return digit(last) && !bytes.Contains(r.begun, []byte(";"))
	case 'R':
		return digit(last) && bytes.Contains(r.begun, []byte(";"))
	}
	return digit(c) && len(r.begun) > 1
}
