package lang

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/zonecfg"
)

// contents returns the files below a directory.
func contents(t testing.TB, dir string) map[string]string {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// recordedScripts returns the scripts that the system's own zonecfg was given.
func recordedScripts(t testing.TB) (scripts []string) {
	t.Helper()
	for _, name := range []string{"recordings", "generated"} {
		file, err := os.Open("../testdata/recordings/" + name + ".jsonl.gz")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		text, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		for d := json.NewDecoder(text); d.More(); {
			var r struct {
				Argv        []string
				Stdin, File *string
			}
			if err := d.Decode(&r); err != nil {
				t.Fatal(err)
			}
			switch {
			case r.File != nil:
				scripts = append(scripts, *r.File)
			case r.Stdin != nil:
				scripts = append(scripts, *r.Stdin)
			case len(r.Argv) > 2:
				scripts = append(scripts, strings.Join(r.Argv[2:], " "))
			}
		}
	}
	return scripts
}

// saveAndLoad saves a zone, or returns why it can't be saved, and checks that it is read
// back as it is.
func saveAndLoad(t *testing.T, s *Session, store *zonecfg.Store) error {
	z := s.zone.Clone()
	z.Name, z.Zonepath = "saved", store.Root()+s.shownPath(z)
	if err := store.Create(z, true); err != nil {
		return err
	}
	again, err := store.Load(z.Name)
	if err != nil {
		t.Errorf("what was saved can't be read: %v", err)
	} else if !again.Equal(z) {
		t.Errorf("saved and loaded differ:\n%s", differences(z, again))
	}
	return nil
}

// FuzzScript runs scripts in every mode, with operations on the disk replaced. A script
// must end; only commit, delete and export may write; what is committed is read back
// equal, and the configuration at the end is exported and read back equal.
func FuzzScript(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name == "script" || file.Name == "export" {
				f.Add(string(file.Data))
			}
		}
	}
	const every = 10 // of the recorded scripts
	for i, script := range recordedScripts(f) {
		if i%every == 0 && testenv.Sample(i, 10*every) {
			f.Add(script)
		}
	}
	store := testStore(f)
	var out bytes.Buffer
	if status := New("z1", Options{Store: store, Machine: testMachine(&out), Out: &out, Err: &out}).RunWords([]string{"create; set zonepath=/zones/z1"}); status != 0 {
		f.Fatal(out.String())
	}
	before := contents(f, store.Root())
	saved := testStore(f)
	f.Fuzz(func(t *testing.T, script string) {
		for _, run := range []func(s *Session){
			func(s *Session) { s.RunWords([]string{script}) },
			func(s *Session) { s.RunInput(strings.NewReader(script), true) },
		} {
			var errs bytes.Buffer
			s := New("z1", Options{Store: store, Machine: testMachine(&errs), Out: io.Discard, Err: &errs, Terminal: &answers{strings.Split("y n y y n y", " "), new(bytes.Buffer)}})
			s.disk = disk{
				save: func(s *Session) error {
					if findings := s.zone.Verify(s.Machine); zonecfg.Failed(findings) != nil || s.open != nil {
						t.Errorf("saved in spite of %v", findings)
					}
					return saveAndLoad(t, s, saved)
				},
				destroy: func(string, bool) error { return errors.New("there is no disk") },
				write:   func(string) (io.WriteCloser, error) { return nil, errors.New("there is no disk") },
			}
			run(s)
			s.Complete(script)
			if s.failed && errs.Len() == 0 && !strings.Contains(script, "exit") { // exit -F in a resource fails without a message
				t.Error("a mistake that nobody was told of")
			}
			if z := s.Zone(); z != nil && Sayable(z) == nil && len(z.Check(s.Machine)) == 0 {
				var text bytes.Buffer
				Export(&text, z)
				again, said := readBack(t, store, "unused-name", text.String())
				if again == nil {
					t.Fatalf("%s\nisn't read back: %s", text.String(), said)
				}
				if again.Name = z.Name; !again.Equal(z) {
					t.Errorf("%s\n%sread back differs:\n%s", text.String(), said, differences(z, again))
				}
			}
		}
		for path, text := range contents(t, store.Root()) {
			if before[path] != text {
				t.Fatalf("%s was changed", path)
			}
		}
	})
}
