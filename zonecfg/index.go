package zonecfg

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/gozones/zones/sys/zone"
)

// Entry is a zone's line in the index.
type Entry struct {
	Name     string
	State    State  // Configured, Incomplete or Installed
	Zonepath string // without the alternate root; may be empty
	UUID     uuid.UUID
}

// Limits of the system's reader, in bytes.
const (
	indexChunk  = 64 + 14 + 1024 + 37 + 3 - 1 // a line that is longer is read in such parts
	pathMax     = 1024
	uuidTextLen = 36
)

// ParseIndex reads an index as the system does: what is no entry is passed over.
func ParseIndex(text []byte) []Entry {
	var entries []Entry
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		n = min(n, indexChunk)
		if e, ok := parseEntry(text[:n]); ok {
			entries = append(entries, e)
		}
		text = text[n:]
	}
	return entries
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
	if len(id) == uuidTextLen {
		e.UUID, _ = uuid.Parse(id) // one that can't be read is none
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

// line writes an entry. A path is quoted if it contains a colon.
func (e Entry) line() string {
	path := e.Zonepath
	if strings.Contains(path, ":") {
		path = `"` + path + `"`
	}
	id := ""
	if e.UUID != uuid.Nil {
		id = e.UUID.String()
	}
	return e.Name + ":" + e.State.String() + ":" + path + ":" + id + "\n"
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
				e.UUID = uuid.Nil
			}
			e.State, rawState = *change.State, change.State.String()
		}
		if rawState != Configured.String() && e.UUID == uuid.Nil {
			e.UUID = uuid.New()
		}
		line := e.line()
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
	return append(out, Entry{Name: name, State: Configured, Zonepath: zonepath}.line()...), nil
}

// removeIndex drops a zone's lines; none is fine.
func removeIndex(text []byte, name string) ([]byte, error) {
	return eachTarget(text, name, func(Entry, string) (string, error) { return "", nil })
}

// eachTarget replaces the lines of a zone: those that begin with its name and a
// colon, as it is written. All others are kept byte for byte; a target without an
// end of line is dropped.
func eachTarget(text []byte, name string, replace func(e Entry, rawState string) (string, error)) ([]byte, error) {
	var out []byte
	for lines := bytes.SplitAfter(text, []byte("\n")); len(lines) > 0; lines = lines[1:] {
		line := lines[0]
		if len(line) == 0 {
			continue
		}
		rest, target := strings.CutPrefix(string(line), name+":")
		if !target || line[0] == '#' {
			out = append(out, line...)
			continue
		}
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
		if len(id) == uuidTextLen {
			e.UUID, _ = uuid.Parse(id)
		}
		replaced, err := replace(e, state)
		if err != nil {
			return nil, err
		}
		out = append(out, replaced...)
	}
	return out, nil
}

// Store is the configuration of a machine's zones.
type Store struct {
	root string // alternate root, "" for none
	run  string // folder of the lock
}

// Open returns the store below an alternate root, which is put in front of every
// zonepath that is read. An empty root, or "/", means none. runDir is the folder
// of the lock that the system's tools take too (/var/run/zones).
func Open(root, runDir string) *Store {
	root = strings.TrimRight(root, "/")
	return &Store{root: root, run: runDir}
}

// Root returns the alternate root, "" for none.
func (s *Store) Root() string { return s.root }

func (s *Store) folder() string { return s.root + "/etc/zones" }

func (s *Store) indexPath() string { return s.folder() + "/index" }

// Entries reads the index; one that isn't there is empty.
func (s *Store) Entries() ([]Entry, error) {
	text, err := os.ReadFile(s.indexPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Code: ErrMiscFS, File: s.indexPath(), Detail: err.Error()}
	}
	return ParseIndex(text), nil
}

// Entry returns a zone's first line; ErrNoZone when it has none.
func (s *Store) Entry(name string) (Entry, error) {
	entries, err := s.Entries()
	if err != nil {
		return Entry{}, err
	}
	for _, e := range entries {
		if e.Name == name {
			return e, nil
		}
	}
	return Entry{}, ErrNoZone
}

// SetState writes the state that a zone has on disk.
func (s *Store) SetState(name string, state State) error {
	return s.Modify(name, Change{State: &state})
}

// Modify changes a zone's line; ErrUpdatingIndex when it has none.
func (s *Store) Modify(name string, change Change) error {
	return s.update(func(text []byte) ([]byte, error) { return modifyIndex(text, name, change) })
}

// Add appends a line for a new zone; ErrUpdatingIndex when it has one.
func (s *Store) Add(name, zonepath string) error {
	return s.update(func(text []byte) ([]byte, error) { return addIndex(text, name, zonepath) })
}

// Remove drops a zone's line.
func (s *Store) Remove(name string) error {
	return s.update(func(text []byte) ([]byte, error) { return removeIndex(text, name) })
}

// update rewrites the index under the system's lock: temporary file, rename, both
// made to last.
func (s *Store) update(change func([]byte) ([]byte, error)) (err error) {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer func() {
		if e := unlock(); err == nil && e != nil {
			err = &Error{Code: ErrUnlockingIndex, Detail: e.Error()}
		}
	}()
	old, err := os.ReadFile(s.indexPath())
	if err != nil {
		return &Error{Code: ErrMiscFS, File: s.indexPath(), Detail: err.Error()}
	}
	text, err := change(old)
	if err != nil {
		return err
	}
	if bytes.Equal(text, old) {
		return nil
	}
	return replaceFile(s.indexPath(), text)
}

// replaceFile puts a file in the place of another so that at any moment one of
// them is there, whole.
func replaceFile(path string, text []byte) error {
	folder := filepath.Dir(path)
	temp, err := os.CreateTemp(folder, "zonecfg.")
	if err != nil {
		return &Error{Code: ErrTempFile, File: path, Detail: err.Error()}
	}
	defer os.Remove(temp.Name()) // does nothing once it has been renamed
	writer := bufio.NewWriter(temp)
	writer.Write(text)
	err = errors.Join(writer.Flush(), temp.Chmod(0o644))
	if os.Geteuid() == 0 {
		const root, sys = 0, 3
		err = errors.Join(err, temp.Chown(root, sys))
	}
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return &Error{Code: ErrTempFile, File: path, Detail: err.Error()}
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		code := ErrMiscFS
		if errors.Is(err, fs.ErrPermission) {
			code = ErrAccess
		}
		return &Error{Code: code, File: path, Detail: err.Error()}
	}
	if dir, err := os.Open(folder); err == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}
