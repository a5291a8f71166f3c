package documents

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// source is the root directory of the module.
const source = "../.."

// pages returns the paths of all documents, relative to the root of the module.
func pages(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "ci/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(source, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			list = append(list, strings.TrimPrefix(path, source+"/"))
		}
	}
	if len(list) < 10 {
		t.Fatalf("only %q", list)
	}
	return list
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(source, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	marks   = regexp.MustCompile("[^a-z0-9 _-]")
	fence   = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")
)

// anchors returns the fragments of a page's headings, as GitHub makes them.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		all[strings.ReplaceAll(marks.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return all
}

// TestLinks: relative links lead to files, and their fragments to headings.
func TestLinks(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(read(t, page), ""), -1) {
			target, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			checked++
			at := page
			if target != "" {
				at = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(filepath.Join(source, at)); err != nil {
				t.Errorf("%s: link to %s: %v", page, m[1], err)
			} else if fragment != "" && !anchors(read(t, at))[fragment] {
				t.Errorf("%s: link to %s: no such heading", page, m[1])
			}
		}
	}
	if checked < 15 {
		t.Errorf("only %d links", checked)
	}
}

// TestPlaces: files and directories that a page names in code spans exist.
func TestPlaces(t *testing.T) {
	t.Parallel()
	span := regexp.MustCompile("`((?:internal|cmd|docs|sys|kernel|tools|ci|mk|zonecfg|testdata)/[A-Za-z0-9_./-]+)`")
	checked := 0
	for _, page := range pages(t) {
		for _, m := range span.FindAllStringSubmatch(read(t, page), -1) {
			checked++
			if _, err := os.Stat(filepath.Join(source, strings.TrimSuffix(m[1], "/..."))); err != nil {
				t.Errorf("%s names %s: %v", page, m[1], err)
			}
		}
	}
	if checked < 15 {
		t.Errorf("only %d places", checked)
	}
}

// TestFences: command lines stand in console blocks. [steps] runs those without a second
// word and those for root or user; "illumos" needs such a machine, and "checks" are parts
// of make test, whose targets exist.
func TestFences(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, m := range fence.FindAllStringSubmatch(read(t, page), -1) {
			switch m[1] {
			case "console", "console root", "console user", "console illumos", "go", "json", "text", "xml", "house":
			case "console checks":
				for _, target := range regexp.MustCompile(`(?m)^\$ make ([a-z-]+)`).FindAllStringSubmatch(m[2], -1) {
					if out, err := exec.Command("make", "-n", "-C", source, target[1], "SYSROOT=/nowhere").CombinedOutput(); err != nil {
						t.Errorf("%s: make %s: %v\n%s", page, target[1], err, out)
					}
				}
			default:
				t.Errorf("%s: a block of kind %q", page, m[1])
			}
		}
	}
}

// TestSystems: README's table of systems is the list that the Makefile builds.
func TestSystems(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("make", "-s", "-C", source, "print-systems").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(read(t, "README.md"), "\n| system |")
	table, _, _ = strings.Cut(table, "\n\n")
	var named []string
	for _, line := range strings.Split(table, "\n")[2:] {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		named = append(named, strings.Split(cell, ", ")...)
	}
	if built := strings.Fields(string(bytes.TrimSpace(out))); strings.Join(named, " ") != strings.Join(built, " ") {
		t.Errorf("README has %q, the Makefile builds %q", named, built)
	}
}
