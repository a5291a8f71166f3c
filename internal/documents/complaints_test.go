package documents

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestComplaints: each row of docs/complaints.md names where the complaint is and tests that
// exist.
func TestComplaints(t *testing.T) {
	t.Parallel()
	rows := 0
	text := read(t, "docs/complaints.md")
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 || strings.HasPrefix(line, "| what ") || strings.HasPrefix(line, "| --- ") {
			continue
		}
		rows++
		if !strings.Contains(cells[1], "](https://") {
			t.Errorf("no link in %q", line)
		}
		tests := regexp.MustCompile("`([^`]+)` (Test[A-Za-z0-9]+)").FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 {
			t.Errorf("no test in %q", line)
		}
		for _, m := range tests {
			if !declared(t, m[1], m[2]) {
				t.Errorf("%s has no test %s", m[1], m[2])
			}
		}
	}
	if rows < 25 {
		t.Errorf("only %d rows", rows)
	}
}

// TestFaults: the tests that docs/zoneadm.md names for faults exist.
func TestFaults(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(read(t, "docs/zoneadm.md"), "\n## Faults\n")
	table, _, _ = strings.Cut(table, "\n## ")
	tests := regexp.MustCompile("`([^`]+)` (Test[A-Za-z0-9]+)").FindAllStringSubmatch(table, -1)
	if len(tests) < 10 {
		t.Errorf("only %d tests", len(tests))
	}
	for _, m := range tests {
		if !declared(t, m[1], m[2]) {
			t.Errorf("%s has no test %s", m[1], m[2])
		}
	}
}

// declared reports whether the tests in a directory declare a function.
func declared(t *testing.T, dir, function string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(source, dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+function+"(t *testing.T) {\n") {
			return true
		}
	}
	return false
}
