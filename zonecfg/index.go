package zonecfg

import (
	"bytes"
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

// ParseIndex reads an index as the system does: what is no entry is passed over.
func ParseIndex(text []byte) []Entry {
	var entries []Entry
	for len(text) > 0 {
		line := nextLine(text)
		if e, ok := parseEntry(line); ok {
			entries = append(entries, e)
		}
		text = text[len(line):]
	}
	return entries
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

// parseEntry reads one line, which counts only with its end of line.
func parseEntry(line []byte) (e Entry, ok bool) {
	end := bytes.IndexAny(line, "\r\n")
	if end < 0 || line[0] == '#' {
		return e, false
	}
	rest := string(line[:end])
	var state, id string
	e.Name, rest = token(rest)
	state, rest = token(rest)
	e.Zonepath, rest = token(rest)
	id, _ = token(rest)
	e.State, ok = onDisk(state)
	if !ok || e.Name == "" || len(e.Name) >= zone.NameMax || len(e.Zonepath) >= pathMax {
		return e, false
	}
	if id != "" {
		e.UUID, _ = ParseUUID(id) // one that can't be read is none
	}
	return e, true
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
	if again, ok := parseEntry([]byte(line)); !ok || again != e || len(line) > indexChunk {
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
