package zonecfg

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// Entry is a zone's line in the index.
type Entry struct {
	Name     string
	State    State  // Configured, Incomplete or Installed
	Zonepath string // without the alternate root; may be empty
	UUID     UUID   // zero: none
}

// Limits of the system's reader, in bytes.
const (
	indexChunk = 64 + 14 + 1024 + 37 + 3 - 1 // a line that is longer is read in such parts
	pathMax    = 1024
)

// IndexProblem is a line of the index that is ignored.
type IndexProblem struct {
	File   string
	Line   int
	Text   string
	Reason string
}

// String says where the line is and what is wrong with it.
func (p IndexProblem) String() string {
	const most = 80 // bytes of a line that is shown
	text := p.Text
	if len(text) > most {
		text = text[:most] + "..."
	}
	return fmt.Sprintf("%s:%d: %s: %q is ignored", p.File, p.Line, p.Reason, text)
}

// ParseIndex reads an index as the system does: a line that is no entry is ignored.
func ParseIndex(text []byte) []Entry {
	var entries []Entry
	eachLine(text, func(_ int, line []byte) {
		if e, reason := parseEntry(line); reason == "" {
			entries = append(entries, e)
		}
	})
	return entries
}

// readIndex reads an index and returns the lines that it ignores: those that are no
// entry, and a second line of the same zone.
func readIndex(text []byte) (entries []Entry, problems []IndexProblem) {
	first := map[string]int{}
	reported := 0 // of a line in several parts the first one is
	eachLine(text, func(number int, line []byte) {
		e, reason := parseEntry(line)
		if at := first[e.Name]; reason == "" && at > 0 {
			reason = fmt.Sprintf("line %d is zone %s already", at, e.Name)
		}
		switch shown := strings.TrimRight(string(line), "\r\n"); {
		case reason == "":
			first[e.Name] = number
			entries = append(entries, e)
		case shown != "" && shown[0] != '#' && number > reported:
			reported = number
			problems = append(problems, IndexProblem{Line: number, Text: shown, Reason: reason})
		}
	})
	return entries, problems
}

// eachLine calls do with each line, or as much of one as the system reads at once.
func eachLine(text []byte, do func(number int, line []byte)) {
	for number := 1; len(text) > 0; {
		line := nextLine(text)
		do(number, line)
		text = text[len(line):]
		if line[len(line)-1] == '\n' {
			number++
		}
	}
}

// nextLine returns the first line with its end, or as much of it as the system reads
// at once.
func nextLine(text []byte) []byte {
	n := bytes.IndexByte(text, '\n') + 1
	if n == 0 {
		n = len(text)
	}
	return text[:min(n, indexChunk)]
}

// parseEntry reads one line, which counts only with its end of line; reason is why it is
// no entry, "" for one.
func parseEntry(line []byte) (e Entry, reason string) {
	end := bytes.IndexAny(line, "\r\n")
	switch {
	case line[0] == '#':
		return e, "a comment"
	case end < 0 && len(line) == indexChunk:
		return e, "the line is too long"
	case end < 0:
		return e, "the line has no end"
	}
	rest := string(line[:end])
	var state, id string
	e.Name, rest = token(rest)
	state, rest = token(rest)
	e.Zonepath, rest = token(rest)
	id, _ = token(rest)
	var known bool
	e.State, known = onDisk(state)
	switch {
	case e.Name == "":
		return e, "there is no name"
	case len(e.Name) >= zone.NameMax:
		return e, "the name is too long"
	case !known:
		return e, "there is no state " + strconv.Quote(state)
	case len(e.Zonepath) >= pathMax:
		return e, "the zonepath is too long"
	}
	if id != "" {
		e.UUID, _ = ParseUUID(id) // one that can't be read is none
	}
	return e, ""
}

// token takes the text before the next colon. One that begins with a quote goes to
// the next quote; what stands between that and the colon is dropped.
func token(s string) (value, rest string) {
	if inner, quoted := strings.CutPrefix(s, `"`); quoted {
		value, rest, closed := strings.Cut(inner, `"`)
		if !closed {
			return inner, ""
		}
		_, rest, _ = strings.Cut(rest, ":")
		return value, rest
	}
	value, rest, _ = strings.Cut(s, ":")
	return value, rest
}

// Line writes an entry as the index has it. A path is quoted if it contains a colon.
func (e Entry) Line() string {
	path := e.Zonepath
	if strings.Contains(path, ":") {
		path = `"` + path + `"`
	}
	id := ""
	if e.UUID != (UUID{}) {
		id = e.UUID.String()
	}
	return e.Name + ":" + e.State.String() + ":" + path + ":" + id + "\n"
}

// checkedLine is Line for what comes out as it goes in: ErrInvalid for a path with an
// end of line or with what can't be quoted, or one that is too long.
func (e Entry) checkedLine() (string, error) {
	line := e.Line()
	if again, reason := parseEntry([]byte(line)); reason != "" || again != e || len(line) > indexChunk {
		return "", &Error{Code: ErrInvalid, Detail: "the index can't hold zone " + strconv.Quote(e.Name) + " with zonepath " + strconv.Quote(e.Zonepath)}
	}
	return line, nil
}

// Change is what Modify changes; nil fields stay as they are.
type Change struct {
	Name     *string
	State    *State
	Zonepath *string
}

// modifyIndex changes every line of a zone; ErrUpdatingIndex when it has none. A
// line in a state that this package doesn't know keeps it unless it is changed.
func modifyIndex(text []byte, name string, change Change) ([]byte, error) {
	if name == zone.GlobalName {
		return text, nil // succeeds and changes nothing
	}
	found := false
	out, err := eachTarget(text, name, func(e Entry, rawState string) (string, error) {
		found = true
		if change.Name != nil {
			e.Name = *change.Name
		}
		if change.Zonepath != nil {
			e.Zonepath = *change.Zonepath
		}
		if change.State != nil {
			if *change.State > Installed || *change.State < Configured {
				return "", ErrInvalid
			}
			if *change.State < Installed {
				e.UUID = UUID{}
			}
			e.State, rawState = *change.State, change.State.String()
		}
		if rawState != Configured.String() && e.UUID == (UUID{}) {
			e.UUID = newUUID()
		}
		line, err := e.checkedLine()
		if err != nil {
			return "", err
		}
		return strings.Replace(line, ":"+e.State.String()+":", ":"+rawState+":", 1), nil
	})
	if err == nil && !found {
		err = ErrUpdatingIndex
	}
	return out, err
}

// addIndex appends a zone that has no line yet.
func addIndex(text []byte, name, zonepath string) ([]byte, error) {
	if zonepath == "" {
		return nil, ErrInvalid
	}
	taken := false
	out, err := eachTarget(text, name, func(e Entry, rawState string) (string, error) {
		taken = true
		return "", nil
	})
	if err != nil || taken {
		return nil, ErrUpdatingIndex
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	line, err := Entry{Name: name, State: Configured, Zonepath: zonepath}.checkedLine()
	return append(out, line...), err
}

// removeIndex drops a zone's lines; none is fine.
func removeIndex(text []byte, name string) ([]byte, error) {
	return eachTarget(text, name, func(Entry, string) (string, error) { return "", nil })
}

// eachTarget replaces the lines of a zone: those that begin with its name and a
// colon, as it is written. All others are kept byte for byte; a target without an
// end of line is dropped.
func eachTarget(text []byte, name string, replace func(e Entry, rawState string) (string, error)) ([]byte, error) {
	out := make([]byte, 0, len(text)+pathMax)
	prefix := []byte(name + ":")
	for len(text) > 0 {
		line := nextLine(text)
		text = text[len(line):]
		if !bytes.HasPrefix(line, prefix) || line[0] == '#' {
			out = append(out, line...)
			continue
		}
		rest := string(line[len(prefix):])
		end := strings.IndexAny(rest, "\r\n")
		if end < 0 {
			continue
		}
		e := Entry{Name: name}
		var state, id string
		state, rest = token(rest[:end])
		e.Zonepath, rest = token(rest)
		id, _ = token(rest)
		if state == "" {
			return nil, ErrUpdatingIndex
		}
		e.State, _ = onDisk(state)
		if id != "" {
			e.UUID, _ = ParseUUID(id)
		}
		replaced, err := replace(e, state)
		if err != nil {
			return nil, err
		}
		out = append(out, replaced...)
	}
	return out, nil
}
