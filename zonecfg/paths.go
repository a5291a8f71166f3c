package zonecfg

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Overlap returns a zone whose zonepath is that path, or above or below it: one of
// the others that are installed, by the index. A symbolic link counts as what it
// leads to, and the entry that is returned has that as its zonepath. missing are those
// zones whose zonepath doesn't exist.
func (s *Store) Overlap(name, zonepath string) (other *Entry, missing []Entry, err error) {
	entries, err := s.Entries()
	if err != nil {
		return nil, nil, err
	}
	parents := parents{}
	mine, err := parents.resolve(zonepath)
	if err != nil {
		mine = filepath.Clean(zonepath)
	}
	for _, e := range entries {
		if e.Name == name || e.Name == "global" || e.State < Installed || e.Zonepath == "" {
			continue
		}
		e.Zonepath = s.InRoot(e.Zonepath)
		theirs, err := parents.resolve(e.Zonepath)
		if errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, e)
			continue
		}
		if err != nil {
			theirs = filepath.Clean(e.Zonepath)
		}
		if strings.HasPrefix(mine+"/", theirs+"/") || strings.HasPrefix(theirs+"/", mine+"/") {
			e.Zonepath = theirs
			return &e, missing, nil
		}
	}
	return nil, missing, nil
}

// parents are the directories that zonepaths are in: most are beside each other.
type parents map[string]*parent

// parent is a directory of zonepaths.
type parent struct {
	real    string                 // without symbolic links
	err     error                  // why there is no real
	asked   int                    // number of paths resolved
	entries map[string]fs.FileMode // types by name, once several paths were resolved
}

// manyPaths is the number of paths in a directory from which on it is cheaper to read
// the directory than to look at each.
const manyPaths = 8

// resolve returns the path without symbolic links.
func (p parents) resolve(path string) (string, error) {
	path = filepath.Clean(path)
	dir, name := filepath.Dir(path), filepath.Base(path)
	in := p[dir]
	if in == nil {
		in = new(parent)
		in.real, in.err = filepath.EvalSymlinks(dir)
		p[dir] = in
	}
	if in.err != nil {
		return "", in.err
	}
	kind, err := in.typeOf(name)
	if err != nil {
		return "", err
	}
	at := filepath.Join(in.real, name)
	if kind&fs.ModeSymlink != 0 {
		return filepath.EvalSymlinks(at)
	}
	return at, nil
}

// typeOf returns the type of an entry.
func (in *parent) typeOf(name string) (fs.FileMode, error) {
	if in.asked++; in.asked == manyPaths {
		in.read()
	}
	if kind, ok := in.entries[name]; ok {
		return kind, nil
	}
	info, err := os.Lstat(filepath.Join(in.real, name))
	if err != nil {
		return 0, err
	}
	return info.Mode().Type(), nil
}

// read reads the directory. One that can't be read may still be searched.
func (in *parent) read() {
	list, err := os.ReadDir(in.real)
	if err != nil {
		return
	}
	in.entries = make(map[string]fs.FileMode, len(list))
	for _, e := range list {
		in.entries[e.Name()] = e.Type()
	}
}

// SnapshotPath returns the file that holds the configuration of a zone that is up.
func (s *Store) SnapshotPath(name string) string {
	return s.root + s.run + "/" + name + ".snapshot.xml"
}

// WriteSnapshot keeps the configuration that a zone is brought up with, until
// [Store.RemoveSnapshot]: what is saved later counts for its next boot. Its zonepath
// should be the resolved one.
func (s *Store) WriteSnapshot(z *Zone) error {
	path := s.SnapshotPath(z.Name)
	if ValidName(z.Name) != nil {
		return &Error{Code: ErrBogusName, Detail: z.Name}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileError(path, err, ErrMiscFS)
	}
	c := *z
	if below, ok := s.below(z.Zonepath); ok {
		c.Zonepath = below
	}
	temp, err := temporary(filepath.Dir(path), c.XML(ForSnapshot), 0, false)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return fileError(path, err, ErrMiscFS)
	}
	return nil
}

// LoadSnapshot reads the configuration that a zone was brought up with, ErrNoZone
// when it isn't up.
func (s *Store) LoadSnapshot(name string) (*Zone, error) {
	if ValidName(name) != nil {
		return nil, ErrNoZone
	}
	z, err := s.LoadFile(s.SnapshotPath(name))
	if err == nil && z.Zonepath != "" {
		z.Zonepath = s.root + z.Zonepath
	}
	return z, err
}

// RemoveSnapshot forgets the configuration that a zone was brought up with; none is
// fine.
func (s *Store) RemoveSnapshot(name string) error {
	if ValidName(name) != nil {
		return nil
	}
	err := os.Remove(s.SnapshotPath(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError(s.SnapshotPath(name), err, ErrMiscFS)
	}
	return nil
}
