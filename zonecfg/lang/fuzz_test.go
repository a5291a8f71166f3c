package lang

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gozones/zones/zonecfg"
)

// contents returns the files below a folder.
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

// FuzzScript runs scripts in every mode with the disk taken away: whatever they say,
// they must come to an end, and nothing is written but what a commit, a delete or an
// export asks for. What the configuration says after a script, its export says again.
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
	store := testStore(f)
	var out bytes.Buffer
	if status := New("z1", Options{Store: store, Machine: testMachine(&out), Out: &out, Err: &out}).RunWords([]string{"create; set zonepath=/zones/z1"}); status != 0 {
		f.Fatal(out.String())
	}
	before := contents(f, store.Root())
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
					return nil
				},
				destroy: func(string, bool) error { return errors.New("there is no disk") },
				write:   func(string) (io.WriteCloser, error) { return nil, errors.New("there is no disk") },
			}
			run(s)
			s.Complete(script)
			if s.failed && errs.Len() == 0 {
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
