package main

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// emulator is the screen of a terminal, as far as the line editor makes use of one.
type emulator struct {
	columns, rows int
	cells         [][]string // what a cell shows; "" for the second half of a wide character
	x, y          int
	tail          string // of the output: the beginning of a sequence or a character
}

func newEmulator(columns, rows int) *emulator {
	e := &emulator{columns: columns, rows: rows}
	for range rows {
		e.cells = append(e.cells, e.blank())
	}
	return e
}

func (e *emulator) blank() []string {
	return strings.Split(strings.Repeat(" ", e.columns), "")
}

// down moves the cursor down, and scrolls at the end of the screen.
func (e *emulator) down() {
	if e.y++; e.y == e.rows {
		e.y--
		e.cells = append(e.cells[1:], e.blank())
	}
}

func (e *emulator) write(text []byte) {
	rest := e.tail + string(text)
	for rest != "" {
		used := e.one(rest)
		if used == 0 {
			break
		}
		rest = rest[used:]
	}
	e.tail = rest
}

// one does what the beginning of the text says, and returns the length of that: 0 if more
// must be read first.
func (e *emulator) one(text string) int {
	switch text[0] {
	case '\r':
		e.x = 0
	case '\n':
		e.down()
	case '\b':
		e.x = max(0, e.x-1)
	case '\x1b':
		return e.escape(text)
	default:
		if !utf8.FullRuneInString(text) {
			return 0
		}
		r, size := utf8.DecodeRuneInString(text)
		e.show(string(r))
		return size
	}
	return 1
}

// show writes a character. One after the last column begins the next row.
func (e *emulator) show(char string) {
	width := uniseg.StringWidth(char)
	if width == 0 {
		e.cells[e.y][max(0, e.x-1)] += char
		return
	}
	if e.x+width > e.columns {
		e.x = 0
		e.down()
	}
	e.cells[e.y][e.x] = char
	if width == 2 {
		e.cells[e.y][e.x+1] = ""
	}
	e.x += width
}

// escape does what an escape sequence says; those of colours and modes mean nothing here.
func (e *emulator) escape(text string) int {
	if len(text) < 2 {
		return 0
	}
	if text[1] == 'D' {
		e.down()
	}
	if text[1] != '[' {
		return 2
	}
	end := strings.IndexFunc(text[2:], func(r rune) bool { return r >= '@' && r <= '~' }) + 2
	if end < 2 {
		return 0
	}
	n, _ := strconv.Atoi(text[2:end])
	switch text[end] {
	case 'A':
		e.y = max(0, e.y-max(1, n))
	case 'B':
		e.y = min(e.rows-1, e.y+max(1, n))
	case 'C':
		e.x = min(e.columns-1, e.x+max(1, n))
	case 'D':
		e.x = max(0, min(e.columns-1, e.x)-max(1, n))
	case 'J', 'K':
		copy(e.cells[e.y][min(e.x, e.columns-1):], e.blank())
		for y := e.y + 1; text[end] == 'J' && y < e.rows; y++ {
			e.cells[y] = e.blank()
		}
	}
	return end + 1
}

// before returns the row of the cursor up to there.
func (e *emulator) before() string { return strings.Join(e.cells[e.y][:e.x], "") }

// String returns what the screen shows, without blanks at the ends of rows and rows below.
func (e *emulator) String() string {
	var out strings.Builder
	for _, row := range e.cells {
		out.WriteString(strings.TrimRight(strings.Join(row, ""), " ") + "\n")
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}
