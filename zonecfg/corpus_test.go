package zonecfg

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// files returns the files of testdata that match, at least as many as there should be.
func files(t testing.TB, pattern string, least int) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(list) < least {
		t.Fatalf("%d files in testdata/%s, %v; want %d", len(list), pattern, err, least)
	}
	return list
}

// written returns what the system's tools write for a file of the corpus: the file
// itself, or for what others wrote its .want.
func written(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path + ".want")
	if os.IsNotExist(err) {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, path := range files(t, "corpus/*.xml", 60) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".xml"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			z, err := ParseXML(text)
			if err != nil {
				t.Fatal(err)
			}
			out := z.XML(ForUse)
			if *update && strings.HasPrefix(filepath.Base(path), "odd-") {
				if err := os.WriteFile(path+".want", out, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := written(t, path); !bytes.Equal(out, want) {
				t.Errorf("written as\n%s\nwant\n%s", out, want)
			}
			again, err := ParseXML(out)
			if err != nil || !again.Equal(z) {
				t.Errorf("what is written is read as\n%+v, %v\nwant\n%+v", again, err, z)
			}
			// Without what is remembered of the file.
			bare := z.plain()
			again, err = ParseXML(bare.XML(ForSnapshot))
			if err != nil || !again.Equal(z) {
				t.Errorf("through XML without layout:\n%+v, %v\nwant\n%+v", again, err, z)
			}
			j, err := json.Marshal(z)
			if err != nil {
				t.Fatal(err)
			}
			again = new(Zone)
			if err := json.Unmarshal(j, again); err != nil || !again.Equal(z) {
				t.Errorf("through %s:\n%+v, %v\nwant\n%+v", j, again, err, z)
			}
		})
	}
}

// TestCorpusCovers looks for every element and attribute of the DTD in the corpus.
func TestCorpusCovers(t *testing.T) {
	t.Parallel()
	var all []byte
	for _, path := range files(t, "corpus/*.xml", 60) {
		all = append(all, written(t, path)...)
	}
	for _, d := range dtd {
		name := d.element
		for _, attr := range append(d.required, d.optional...) {
			if !regexp.MustCompile(`<` + name + ` [^>]*\b` + attr + `="`).Match(all) {
				t.Errorf("no file has <%s %s>", name, attr)
			}
		}
		for _, child := range d.children {
			if !bytes.Contains(all, []byte("<"+child+" ")) {
				t.Errorf("no file has <%s>", child)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	for _, path := range files(t, "refused/*.xml", 40) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		z, err := ParseXML(text)
		var e *Error
		if z != nil || !errors.As(err, &e) || e.Line == 0 {
			t.Errorf("%s: %v, %v", path, z, err)
			continue
		}
		e.File = filepath.Base(path)
		out.WriteString(e.Error() + "\n")
	}
	if *update {
		if err := os.WriteFile("testdata/refused/errors.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/refused/errors.txt")
	if err != nil || out.String() != string(want) {
		t.Errorf("errors\n%s\nwant\n%s", out.String(), want)
	}
}
