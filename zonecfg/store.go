package zonecfg

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg/internal/regular"
)

// Store is the configuration of a machine's zones: the index and a file for each.
// It may be used from several goroutines and processes at once.
type Store struct {
	// Active says what the kernel makes of a zone that it has: a state beyond
	// Installed. nil: no zone is active. Zones that are can't be renamed or deleted.
	Active func(name string) (State, bool)

	// Warn is called once for each line of the index that is ignored, when the index is
	// read. It may be nil.
	Warn func(line IndexProblem)

	root  string // alternate root, "" for none
	run   string // directory of the lock
	cache indexCache

	authorize func(command []string) error // nil: runs it
}

// Open returns the store below an alternate root, which is put in front of every
// zonepath that is read. An empty root, or "/", means none. runDir is the directory
// of the lock that the system's tools take too (/var/run/zones).
func Open(root, runDir string) *Store {
	root = strings.TrimRight(filepath.ToSlash(root), "/") // as zonepaths are written
	return &Store{root: root, run: runDir}
}

// Root returns the alternate root, "" for none.
func (s *Store) Root() string { return s.root }

// InRoot puts the alternate root in front of a path that hasn't got it there. A path
// that leads out of it is taken as it is seen from within.
func (s *Store) InRoot(path string) string {
	rest, ok := s.below(path)
	if path == "" || ok && !climbs(rest) {
		return path
	}
	if within := s.inside(rest); s.root == "" || within != "/" {
		return s.root + within
	}
	return s.root
}

// below takes the alternate root off a path; ok is false when it isn't there.
func (s *Store) below(path string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, s.root)
	if ok && (s.root == "" || rest == "" || rest[0] == '/') {
		return rest, true
	}
	return path, false
}

func (s *Store) dir() string { return s.root + "/etc/zones" }

func (s *Store) indexPath() string { return s.dir() + "/index" }

func (s *Store) xmlPath(name string) string { return s.dir() + "/" + name + ".xml" }

// indexCache is the index as it was read last. What has the file's identity, size
// and time needn't be read again, unless it was read so soon after it was written
// that another writing could have the same time.
type indexCache struct {
	mutex   sync.Mutex
	info    fs.FileInfo
	settled bool
	entries []Entry
	byName  map[string]int
	warned  map[IndexProblem]bool
}

// settling is more than the grain of file times.
const settling = time.Second

// index returns the entries and where each name is first, both to be read only.
func (s *Store) index() ([]Entry, map[string]int, error) {
	c := &s.cache
	c.mutex.Lock()
	defer c.mutex.Unlock()
	info, err := os.Stat(s.indexPath())
	if err == nil && c.info != nil && c.settled && os.SameFile(info, c.info) && info.Size() == c.info.Size() && info.ModTime().Equal(c.info.ModTime()) {
		return c.entries, c.byName, nil
	}
	c.info = nil
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	var text []byte
	if err == nil {
		text, err = regular.Read(s.indexPath())
	}
	if err != nil {
		return nil, nil, &Error{Code: ErrMiscFS, File: s.indexPath(), Detail: err.Error()}
	}
	entries, problems := readIndex(text)
	s.warn(problems)
	byName := make(map[string]int, len(entries))
	for i, e := range entries {
		entries[i].Zonepath = s.inside(e.Zonepath)
		byName[e.Name] = i
	}
	c.info, c.entries, c.byName = info, entries, byName
	c.settled = time.Since(info.ModTime()) > settling
	return entries, byName, nil
}

// warn reports lines of the index that weren't reported before.
func (s *Store) warn(problems []IndexProblem) {
	if s.Warn == nil {
		return
	}
	for _, p := range problems {
		p.File = s.indexPath()
		key := p
		key.Line = 0 // which other writers may change
		if s.cache.warned[key] {
			continue
		}
		if s.cache.warned == nil {
			s.cache.warned = map[IndexProblem]bool{}
		}
		s.cache.warned[key] = true
		s.Warn(p)
	}
}

// Entries reads the index; one that isn't there is empty. Of several lines of a zone
// the first counts.
func (s *Store) Entries() ([]Entry, error) {
	entries, _, err := s.index()
	return slices.Clone(entries), err
}

// Entry returns a zone's first line; ErrNoZone when it has none.
func (s *Store) Entry(name string) (Entry, error) {
	entries, byName, err := s.index()
	if err != nil {
		return Entry{}, err
	}
	if i, ok := byName[name]; ok {
		return entries[i], nil
	}
	return Entry{}, ErrNoZone
}

// State returns the state of a zone: the kernel's, or else that of its first line.
// ErrNoZone when it has none.
func (s *Store) State(name string) (State, error) {
	if s.Active != nil {
		if state, ok := s.Active(name); ok {
			return state, nil
		}
	}
	e, err := s.Entry(name)
	return e.State, err
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

// update rewrites the index.
func (s *Store) update(change func([]byte) ([]byte, error)) error {
	return s.transact(transaction{index: change})
}

// Load reads a zone's file: ErrNoZone when there is none, ErrInvalidDoc with
// file, line and element when it isn't what the DTD asks for. Of a saving that was
// interrupted it gives what the index says: the old or the new.
func (s *Store) Load(name string) (*Zone, error) {
	if strings.Contains(name, "/") || name == "" {
		return nil, ErrNoZone
	}
	z, err := s.loadInside(s.xmlPath(name))
	if err != nil {
		return nil, err
	}
	if !ReservedName(name) && name != zone.GlobalName {
		if z, err = s.settle(name, z); err != nil {
			return nil, err
		}
		if z.Name != name {
			return nil, &Error{Code: ErrInvalidDoc, File: s.xmlPath(name), Detail: "it is the configuration of a zone " + strconv.Quote(z.Name)}
		}
	}
	if z.Zonepath != "" {
		z.Zonepath = s.root + z.Zonepath
	}
	return z, nil
}

// loadInside reads a configuration whose zonepath is below the alternate root.
func (s *Store) loadInside(path string) (*Zone, error) {
	z, err := s.LoadFile(path)
	if err == nil {
		z.Zonepath = s.inside(z.Zonepath)
	}
	return z, err
}

// inside returns a path that doesn't lead out of the alternate root by "..": above the
// root of a system there is nothing but the root itself.
func (s *Store) inside(zonepath string) string {
	if s.root == "" || !climbs(zonepath) {
		return zonepath
	}
	return path.Clean("/" + zonepath)
}

// climbs tells whether a path leads above the directory that it starts from.
func climbs(p string) bool {
	depth := 0
	for part := range strings.SplitSeq(p, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

// LoadFile reads a configuration from any file, without putting the alternate root
// in front of its zonepath. Its errors are those of Load.
func (s *Store) LoadFile(path string) (*Zone, error) {
	text, err := regular.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoZone
	}
	if err != nil {
		return nil, &Error{Code: ErrInvalidDoc, File: path, Detail: err.Error()}
	}
	z, err := ParseXML(text)
	var e *Error
	if errors.As(err, &e) {
		e.File = path
	}
	return z, err
}
