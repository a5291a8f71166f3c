package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// recordedZones returns every zone's file that the recordings have, each once.
func recordedZones(t *testing.T) []string {
	t.Helper()
	list, starts := readRecordings(t)
	files := map[string]bool{}
	for _, s := range starts {
		for _, text := range s.XML {
			files[text] = true
		}
	}
	for _, r := range append(list, readGenerated(t)...) {
		for _, text := range r.Expect.XML {
			files[text] = true
		}
	}
	return slices.Sorted(maps.Keys(files))
}

// TestExportIdentity: what export writes, read on another machine, makes the same
// configuration, and is exported the same again; for the file of every zone that the
// recordings have. Without --exact, as the system's own zonecfg exports, sizes are rounded,
// and neither the global zone nor words of 1,024 bytes with their quotes can be read.
func TestExportIdentity(t *testing.T) {
	t.Parallel()
	files := recordedZones(t)
	if len(files) < 600 {
		t.Fatalf("only %d files", len(files))
	}
	all := newMachines(t)
	for i, text := range files {
		if i%sampled != 0 {
			continue
		}
		z, err := zonecfg.ParseXML([]byte(text))
		if err != nil {
			t.Errorf("%v\n%s", err, text)
			continue
		}
		t.Run(z.Name, func(t *testing.T) {
			t.Parallel()
			exportIdentity(t, files[i], z, " --exact", all)
			if z.Name != zone.GlobalName && !longQuoted.MatchString(files[i]) {
				exportIdentity(t, files[i], z, "", all)
			}
		})
	}
}

var (
	physical   = regexp.MustCompile(`(?m)^set physical=[^"].*$`)
	longQuoted = regexp.MustCompile(`"[^"]{500}[^"]{522,}"`)
)

func exportIdentity(t *testing.T, text string, z *zonecfg.Zone, option string, all *machines) {
	t.Helper()
	call := func(m *recordedMachine, argv []string, file *string) answer {
		r := &recording{Argv: argv, File: file}
		return r.run(t, m, startState{})
	}
	index := "global:installed:/\n"
	export := []string{"-z", z.Name, "export" + option}
	from := all.take(t, startState{Index: index + z.Name + ":configured:" + z.Zonepath + ":\n", XML: map[string]string{z.Name + ".xml": text}})
	first := call(from, export, nil)
	if first.Exit != 0 {
		t.Fatalf("%s can't be exported: %s", text, first.Stderr)
	}
	script := first.Stdout + "\n" // which folding takes
	to := all.take(t, startState{Index: index})
	if made := call(to, []string{"-z", z.Name, "-f", "/tmp/script.cfg"}, &script); made.Exit != 0 {
		t.Fatalf("%s\nas\n%s\ncan't be read: %s", text, first.Stdout, made.Stderr)
	}
	second := call(to, export, nil)
	if option == "" {
		first.Stdout, second.Stdout = physical.ReplaceAllString(first.Stdout, ""), physical.ReplaceAllString(second.Stdout, "")
	}
	if first.Stdout != second.Stdout {
		t.Errorf("%s\nis exported as\n%s\nand then as\n%s", text, first.Stdout, second.Stdout)
	}
	if option == "" {
		return
	}
	read, err := zonecfg.Open(to.root, "/run").Load(z.Name)
	if err != nil {
		t.Fatal(err)
	}
	read.Zonepath = strings.TrimPrefix(read.Zonepath, to.root)
	if !read.Equal(z) {
		t.Errorf("%s\nas\n%s\nis read as\n%+v", text, first.Stdout, read)
	}
}
