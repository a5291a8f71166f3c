package zonecfg

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestBesideLibxml2 has libxml2 read and write the corpus, and thousands of spoilt
// copies, in the way of libzonecfg.
func TestBesideLibxml2(t *testing.T) {
	testenv.Need(t, testenv.Long, testenv.System("linux"), testenv.Tool("cc", "gcc", "libc6-dev"), testenv.Tool("xml2-config", "libxml2-dev"), testenv.File("/usr/include/libxml2/libxml/tree.h", "libxml2-dev"))
	var texts [][]byte
	paths := append(files(t, "corpus/*.xml", 60), files(t, "refused/*.xml", 40)...)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	all := slices.Clone(texts)
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		all = append(all, spoil(random, texts))
	}
	taken := 0
	for i, theirs := range libxml(t, all) {
		z, err := ParseXML(all[i])
		switch {
		case err == nil && theirs == nil:
			t.Errorf("libxml2 refuses\n%q", all[i])
		case err == nil:
			taken++
			if ours := z.XML(ForUse); !bytes.Equal(ours, theirs) {
				t.Errorf("%q\nis written as\n%s\nlibxml2 writes\n%s", all[i], ours, theirs)
			}
		case theirs != nil && !refusedOnPurpose(err):
			t.Errorf("%v: libxml2 takes\n%q", err, all[i])
		}
	}
	if taken < len(texts) {
		t.Errorf("only %d documents were taken", taken)
	}
}

// refusedOnPurpose tells what this package refuses and libxml2 doesn't: some of it the
// system's tools refuse later, the rest is described in docs/configuration.md.
func refusedOnPurpose(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	later := e.Code == ErrWrongDocType || e.Code == ErrInvalid && strings.Contains(e.Detail, "ip-type")
	// libxml2 drops references to entities that a DTD might have, and takes blanks
	// that are written as references for text.
	return later || strings.Contains(e.Detail, "declarations of its own") || strings.Contains(e.Detail, "no reference that is known") ||
		strings.Contains(e.Detail, "text where only elements may stand") || strings.Contains(e.Detail, "this encoding isn't read here")
}

// scraps are what documents are spoilt with.
var scraps = strings.Split("<|>|/>|\"|'|&|&amp;|&#10;|&#x9;|&lt;| |\n|\t|\r|\r\n|<!-- c -->|<?pi x?>|<?pi?>|--|=|<device match=\"q\"/>|<zone |</zone>|"+
	"<fsoption name=\"x\"/>|<fsoption name=\"x\"></fsoption>|raw=\"\"| raw=\"r\"|\u00fc|\xfc|&#252;|&#8364;|encoding=\"UTF-8\"| encoding=\"ISO-8859-1\"|"+
	" standalone=\"yes\"|<![CDATA[x]]>|]]>|:| xml:space=\"preserve\"| xmlns=\"u\"|\x00|\x0b|<!DOCTYPE zone>|1.1| version=\"1\"| ip-type=\"shared\"|"+
	"<mcap physcap=\"1\"/>|\ufeff|&quot;|\u2028|.|-", "|")

// spoil changes a document in a place or three.
func spoil(random *rand.Rand, texts [][]byte) []byte {
	piece := func(text []byte, most int) []byte {
		from := random.IntN(len(text) + 1)
		return text[from:min(len(text), from+random.IntN(most))]
	}
	out := slices.Clone(texts[random.IntN(len(texts))])
	for range 1 + random.IntN(3) {
		at := random.IntN(len(out) + 1)
		switch n := random.IntN(100); {
		case n < 55:
			out = slices.Insert(out, at, []byte(scraps[random.IntN(len(scraps))])...)
		case n < 75:
			out = slices.Delete(out, at, min(len(out), at+1+random.IntN(6)))
		default:
			out = slices.Insert(out, at, piece(slices.Clone(texts[random.IntN(len(texts))]), 40)...)
		}
	}
	return out
}

// libxml returns what libxml2 writes for each document, nil for what it refuses.
func libxml(t *testing.T, texts [][]byte) [][]byte {
	t.Helper()
	dir := t.TempDir()
	flags, err := exec.Command("xml2-config", "--cflags", "--libs").Output()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "libxml")
	if out, err := exec.Command("cc", append([]string{"-o", program, "testdata/libxml.c"}, strings.Fields(string(flags))...)...).CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	here, err := filepath.Abs("testdata/zonecfg.dtd")
	if err != nil {
		t.Fatal(err)
	}
	catalog := filepath.Join(dir, "catalog")
	ok(t, os.WriteFile(catalog, []byte(`<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog"><system systemId="`+dtdSystem+`" uri="file://`+here+`"/></catalog>`), 0o644))
	var paths []string
	for i, text := range texts {
		path := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		ok(t, os.WriteFile(path, text, 0o644))
		paths = append(paths, path)
	}
	c := exec.Command(program, paths...)
	c.Env = append(os.Environ(), "XML_CATALOG_FILES="+catalog)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	written := make([][]byte, len(texts))
	for i, path := range paths {
		written[i], _ = os.ReadFile(path + ".libxml")
	}
	return written
}
