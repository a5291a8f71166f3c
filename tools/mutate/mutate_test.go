package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// made is a package whose tests check half of it.
var made = map[string]string{
	"go.mod": "module made\n\ngo 1.25\n",
	"made.go": `package made

import "errors"

var log []string

func Half(n int) (int, error) {
	defer note("half")
	if n < 0 {
		return 0, errors.New("negative")
	}
	half := n
	half /= 2
	return half, nil
}

func note(s string) { log = append(log, s) }
`,
	"made_test.go": `package made

import "testing"

func TestHalf(t *testing.T) {
	for n, want := range map[int]int{-4: 0, 0: 0, 4: 2, 9: 4} {
		if half, _ := Half(n); half != want {
			t.Errorf("%d, not %d", half, want)
		}
	}
}
`,
}

func TestRun(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Long, testenv.Tool("go", "golang-go"))
	dir := t.TempDir()
	for name, text := range made {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	b := bench{dir: dir, pkg: ".", jobs: 2, limit: time.Minute, out: &out}
	r, err := b.run(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	slices.Sort(lines)
	// What nobody looks at is the log. The rest is noticed: a negated condition, half of
	// a negative number, a half that isn't one. No test has a 1, and 0 is its own half.
	want := []string{
		`made.go:17: dropped: log = append(log, s)`,
		`made.go:8: dropped: defer note("half")`,
		`made.go:9: 0 became 1`,
		`made.go:9: < became <= in n < 0`,
	}
	if !slices.Equal(lines, want) || r.survived != len(want) || r.tried != 9 {
		t.Errorf("%v\n%s", r, out.String())
	}
	if got := r.String(); got != ".: 4 of 9 mutants survive, 44 %" {
		t.Error(got)
	}
	if err := os.WriteFile(filepath.Join(dir, "made_test.go"), []byte(strings.Replace(made["made_test.go"], "9: 4", "9: 5", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.run(1, 1); err == nil || !strings.Contains(err.Error(), "its tests fail without a change") {
		t.Errorf("a package whose tests fail: %v", err)
	}
}

func TestMutants(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{"if a && b { return 1 }", "negated: a && b; dropped: if a && b { return 1 }; && became || in a && b; 1 became 2"},
		{"for x == 3 { f() }", "negated: x == 3; == became != in x == 3; 3 became 4; dropped: f()"},
		{"x, y = f()", "dropped: x, y = f()"},
		{"x, y = a, b", "dropped: x, y = a, b"},
		{"x = nil", "dropped: x = nil"},
		{"x := 0x10", "0x10 became 17"},
		{"switch { case a: x++ }", "dropped: x++"},
		{"select { case <-c: c <- a }", "dropped: c <- a"},
		{"return errno.EINVAL", "errno.EINVAL became errno.ENXIO"},
		{"return unix.ENXIO", "unix.ENXIO became unix.EDOM"},
		{"return unix.EPOLLIN, syscall.Exec", "unix.EPOLLIN became unix.ENXIO"},
		{"if a { return 0 } else { f() }", "negated: a; 0 became 1; dropped: f()"},
	} {
		text := "package p\nfunc p() {\n" + test.body + "\n}\n"
		found, err := mutants("p.go", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range found {
			all = append(all, m.what)
			if m.line != 3 {
				t.Errorf("%v: not in line 3", m)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "p.go", m.text, 0); err != nil || string(m.text) == text {
				t.Errorf("%v: %v\n%s", m, err, m.text)
			}
		}
		want := strings.Split(test.want, "; ")
		slices.Sort(all)
		slices.Sort(want)
		if !slices.Equal(all, want) {
			t.Errorf("%s:\n%q, want\n%q", test.body, all, want)
		}
	}
	if _, err := mutants("p.go", []byte("package")); err == nil {
		t.Error("a file with an error has mutants")
	}
}
