package zonecfg

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/gozones/zones/internal/posix"

	"github.com/gozones/zones/zonecfg/internal/regular"
)

// transaction is a change of the files of zones. The index decides: what it says is
// so, and what was done before it was renamed into place and didn't come to that is
// undone by the next transaction ([Store.recover]) and not seen until then
// ([Store.settle]). For that each zone whose file is touched has a backup while it
// lasts: another name of the old file, or an empty file where there was none. Which of
// the two the index means is told by the zonepath; where both have the same, the line
// that the index is to have is kept beside the backup.
type transaction struct {
	put      string // zone whose file is written, "" for none
	text     []byte
	zonepath string // of text
	drop     string // zone whose file goes, "" for none

	// check may refuse, once the lock is held, with the first entry of every zone.
	check func(entries map[string]Entry) error
	index func(old []byte) ([]byte, error)
}

// transact does it, under the system's lock.
func (s *Store) transact(t transaction) (err error) {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer func() {
		if e := unlock(); err == nil && e != nil {
			err = &Error{Code: ErrUnlockingIndex, Detail: e.Error()}
		}
	}()
	old, err := regular.Read(s.indexPath())
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && t.put == "" && t.drop != "") {
		return &Error{Code: ErrMiscFS, File: s.indexPath(), Detail: err.Error()}
	}
	entries := sync.OnceValue(func() map[string]Entry { return firsts(ParseIndex(old)) })
	if err := s.recover(entries); err != nil {
		return err
	}
	if t.check != nil {
		if err := t.check(entries()); err != nil {
			return err
		}
	}
	text, err := t.index(old)
	if err != nil {
		return err
	}
	if t.put == "" && t.drop == "" {
		return s.replaceIndex(old, text)
	}
	return s.replaceFiles(t, old, text)
}

// firsts returns the first entry of every name.
func firsts(list []Entry) map[string]Entry {
	entries := make(map[string]Entry, len(list))
	for _, e := range list {
		if _, seen := entries[e.Name]; !seen {
			entries[e.Name] = e
		}
	}
	return entries
}

func (s *Store) replaceIndex(old, text []byte) error {
	if bytes.Equal(text, old) {
		return nil
	}
	return s.replace(s.indexPath(), text, ErrMiscFS)
}

// replaceFiles changes the file of a zone or two, and the index.
func (s *Store) replaceFiles(t transaction, old, text []byte) (err error) {
	temp := ""
	if t.put != "" {
		if temp, err = temporary(s.dir(), t.text, 0, true); err != nil {
			return err
		}
	}
	undo := func() { os.Remove(temp) } // "" is no file
	defer func() {
		if err != nil {
			undo()
			s.syncDir()
		}
	}()
	var backups []string
	for _, name := range []string{t.put, t.drop} {
		if name == "" {
			continue
		}
		backup, err := s.backup(name)
		if err != nil {
			return err
		}
		backups = append(backups, backup)
		before := undo
		undo = func() { before(); os.Remove(backup) }
	}
	if line, ok := t.ambiguous(old, text); ok {
		pending := pendingOf(backups[0])
		before := undo
		undo = func() { before(); os.Remove(pending) }
		if err := writeSynced(pending, line); err != nil {
			return fileError(pending, err, ErrMiscFS)
		}
		backups = append(backups, pending) // goes last
	}
	s.syncDir()
	if t.put != "" {
		if err := os.Rename(temp, s.xmlPath(t.put)); err != nil {
			return fileError(s.xmlPath(t.put), err, ErrMiscFS)
		}
		s.syncDir()
		before := undo
		undo = func() { _ = s.restore(t.put, backups[0]); before() }
	}
	if err := s.replaceIndex(old, text); err != nil {
		return &Error{Code: ErrUpdatingIndex, File: s.indexPath(), Detail: err.Error()}
	}
	if t.drop != "" {
		if err := os.Remove(s.xmlPath(t.drop)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			// The zone is gone already, and the next transaction tries again.
			undo = func() {}
			return fileError(s.xmlPath(t.drop), err, ErrMiscFS)
		}
	}
	for _, backup := range backups {
		os.Remove(backup)
	}
	s.syncDir()
	return nil
}

const (
	backupPrefix  = ".backup."  // then the process, a dot, and the file's name
	pendingPrefix = ".pending." // the same, beside that backup
	tempPrefix    = "zonecfg."  // then the process, a dot, and a random number
)

// ambiguous returns the line that the index is to have when its zonepath doesn't tell
// whether it has come to that.
func (t *transaction) ambiguous(old, text []byte) (line string, ok bool) {
	if t.put == "" || t.drop != "" || bytes.Equal(old, text) {
		return "", false
	}
	before, there := firsts(ParseIndex(old))[t.put]
	if !there || before.Zonepath != t.zonepath {
		return "", false
	}
	return firsts(ParseIndex(text))[t.put].Line(), true
}

func pendingOf(backup string) string {
	return filepath.Join(filepath.Dir(backup), pendingPrefix+strings.TrimPrefix(filepath.Base(backup), backupPrefix))
}

// undecided tells that the index has not come to what a transaction was to make of it,
// where only that tells.
func undecided(e Entry, backup string) bool {
	line, err := regular.Read(pendingOf(backup))
	return err == nil && string(line) != e.Line()
}

// writeSynced makes a small file that is on disk when it returns.
func writeSynced(path, text string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// backup keeps a zone's file under another name, or an empty one where there is
// none.
func (s *Store) backup(name string) (path string, err error) {
	path = filepath.Join(s.dir(), backupPrefix+strconv.Itoa(os.Getpid())+"."+name+".xml")
	os.Remove(path) // of a process that had our number
	err = os.Link(s.xmlPath(name), path)
	if errors.Is(err, fs.ErrNotExist) {
		var file *os.File
		if file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			err = file.Close()
		}
	}
	if err != nil {
		return "", fileError(path, err, ErrMiscFS)
	}
	return path, nil
}

// restore puts back what a backup holds.
func (s *Store) restore(name, backup string) error {
	if info, err := os.Stat(backup); err == nil && info.Size() == 0 {
		return os.Remove(s.xmlPath(name))
	}
	return os.Rename(backup, s.xmlPath(name))
}

// backups returns the backups of a zone, or of all for "", with their zones.
func (s *Store) backups(name string) (paths, zones []string, temps []string) {
	directory, err := os.Open(s.dir())
	if err != nil {
		return nil, nil, nil
	}
	defer directory.Close()
	files, _ := directory.Readdirnames(-1)
	for _, file := range files {
		rest, isBackup := strings.CutPrefix(file, backupPrefix)
		if !isBackup {
			rest, isTemp := strings.CutPrefix(file, tempPrefix)
			if !isTemp {
				rest, isTemp = strings.CutPrefix(file, pendingPrefix)
			}
			if pid, _, ok := strings.Cut(rest, "."); isTemp && ok && isNumber(pid) {
				temps = append(temps, filepath.Join(s.dir(), file))
			}
			continue
		}
		pid, rest, ok := strings.Cut(rest, ".")
		zone, xml := strings.CutSuffix(rest, ".xml")
		if ok && xml && isNumber(pid) && (name == "" || zone == name) {
			paths = append(paths, filepath.Join(s.dir(), file))
			zones = append(zones, zone)
		}
	}
	return paths, zones, temps
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// owner returns the process that made a backup or a temporary file.
func owner(path string) int {
	rest := filepath.Base(path)
	for _, prefix := range []string{backupPrefix, pendingPrefix, tempPrefix} {
		rest = strings.TrimPrefix(rest, prefix)
	}
	digits, _, _ := strings.Cut(rest, ".")
	pid, _ := strconv.Atoi(digits)
	return pid
}

// running tells whether a process that isn't this one exists. What this one left is
// left over: it holds the lock.
func running(pid int) bool {
	return pid != os.Getpid() && posix.Running(pid)
}

// recover ends what processes left that died in a transaction. The lock is held.
func (s *Store) recover(entries func() map[string]Entry) error {
	paths, zones, temps := s.backups("")
	changed := len(temps) > 0
	for i, backup := range paths {
		if running(owner(backup)) {
			continue // one of the system's tools is at work
		}
		changed = true
		e, listed := entries()[zones[i]]
		if !listed {
			// It wasn't made, or it was taken away.
			if err := os.Remove(s.xmlPath(zones[i])); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fileError(s.xmlPath(zones[i]), err, ErrMiscFS)
			}
		} else if s.wants(e, backup) {
			if err := s.restore(zones[i], backup); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fileError(backup, err, ErrMiscFS)
			}
		}
		os.Remove(backup) // which is no more if it was restored
	}
	for _, temp := range temps { // last: they say what the backups are for
		if !running(owner(temp)) {
			os.Remove(temp)
		}
	}
	if changed {
		s.syncDir()
	}
	return nil
}

// wants tells whether the index means a zone's backup and not its file.
func (s *Store) wants(e Entry, backup string) bool {
	if undecided(e, backup) {
		return true
	}
	path := func(file string) (string, bool) {
		z, err := s.loadInside(file)
		if err != nil {
			return "", false
		}
		return z.Zonepath, true
	}
	now, ok := path(s.xmlPath(e.Name))
	if ok && (now == e.Zonepath || e.Zonepath == "") {
		return false
	}
	before, ok := path(backup)
	return ok && (before == e.Zonepath)
}

// settle returns what the index says of a zone whose file is z: a transaction may be
// under way, or have been interrupted, that has changed the one and not the other.
func (s *Store) settle(name string, z *Zone) (*Zone, error) {
	for range 3 {
		e, err := s.Entry(name)
		listed := err == nil
		if listed && (e.Zonepath == z.Zonepath || e.Zonepath == "") {
			if e.State != Incomplete {
				return z, nil
			}
			// The only state that a configuration is written in place of with it.
			return s.beforeIndex(e, z)
		}
		paths, _, _ := s.backups(name)
		if !listed && len(paths) > 0 {
			return nil, ErrNoZone
		}
		for _, backup := range paths {
			if old, err := s.loadInside(backup); err == nil && old.Zonepath == e.Zonepath {
				return old, nil
			}
		}
		// Or it was finished between the reading of the file and of the index.
		again, err := s.loadInside(s.xmlPath(name))
		if err != nil {
			return nil, err
		}
		if again.Equal(z) {
			return z, nil
		}
		z = again
	}
	return z, nil
}

// beforeIndex returns the file that a zone had before z where the index has not come
// to the new one, else z.
func (s *Store) beforeIndex(e Entry, z *Zone) (*Zone, error) {
	paths, _, _ := s.backups(e.Name)
	for _, backup := range paths {
		if !undecided(e, backup) {
			continue
		}
		if info, err := os.Stat(backup); err == nil && info.Size() == 0 {
			return nil, ErrNoZone
		}
		if old, err := s.loadInside(backup); err == nil {
			return old, nil
		}
	}
	return z, nil
}

// temporary writes a file into a directory, on disk before it returns if it is to
// outlast the machine's run. A group that isn't 0 goes with owner root.
func temporary(directory string, text []byte, group int, lasting bool) (path string, err error) {
	temp, err := os.CreateTemp(directory, tempPrefix+strconv.Itoa(os.Getpid())+".*")
	if err != nil {
		return "", &Error{Code: ErrTempFile, File: directory, Detail: err.Error()}
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Chmod(0o644))
	if os.Geteuid() == 0 && group != 0 {
		err = errors.Join(err, unlessUnmapped(temp.Chown(0, group)))
	}
	if lasting {
		err = errors.Join(err, temp.Sync())
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		os.Remove(temp.Name())
		return "", &Error{Code: ErrSavingFile, File: temp.Name(), Detail: err.Error()}
	}
	return temp.Name(), nil
}

// replace puts a file of the system in the place of another so that at
// any moment one of them is there, whole.
func (s *Store) replace(path string, text []byte, code Code) error {
	const sys = 3
	temp, err := temporary(s.dir(), text, sys, true)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return fileError(path, err, code)
	}
	s.syncDir()
	return nil
}

// syncDir makes the names in the store's directory last.
func (s *Store) syncDir() { syncDir(s.dir()) }

// syncDir makes the names in a directory last.
func syncDir(path string) {
	if dir, err := os.Open(path); err == nil {
		_ = dir.Sync() // file systems without it have nothing to do
		dir.Close()
	}
}

func fileError(path string, err error, code Code) error {
	if errors.Is(err, fs.ErrPermission) {
		code = ErrAccess
	}
	return &Error{Code: code, File: path, Detail: err.Error()}
}
