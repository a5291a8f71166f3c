package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
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
		`made.go:17:23: dropped: log = append(log, s)`,
		`made.go:8:2: dropped: defer note("half")`,
		`made.go:9:7: < became <= in n < 0`,
		`made.go:9:9: 0 became 1`,
	}
	if !slices.Equal(lines, want) || r.survived != len(want) || r.tried != 9 {
		t.Errorf("%v\n%s", r, out.String())
	}
	if got := r.String(); got != ".: 4 of 9 mutants survive, 44 %" {
		t.Error(got)
	}
	// Two of the survivors again, after the code moved and a long test looks at the log.
	saves := filepath.Join(dir, "saved")
	again := strings.Replace(made["made_test.go"], "}\n\t}\n}", "}\n\t}\n\tif !testing.Short() && len(log) != 4 {\n\t\tt.Error(log)\n\t}\n}", 1)
	for name, text := range map[string]string{
		saves:                              "seed 1\nnoticed: made.go:9:5: negated: n < 0\n" + want[0] + "\n" + want[3] + "\n" + r.String(),
		filepath.Join(dir, "made.go"):      strings.Replace(made["made.go"], "var log", "// What was noted.\nvar log", 1),
		filepath.Join(dir, "made_test.go"): again,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out.Reset()
	b.verbose = true
	if b.again, err = saved(saves); err != nil {
		t.Fatal(err)
	}
	if r, err = b.run(1, 2); err != nil || r.survived != 1 || r.tried != 2 || strings.Count(out.String(), "noticed: ") != 1 ||
		!strings.Contains(out.String(), "made.go:10:9: 0 became 1\n") {
		t.Errorf("again: %v, %v\n%s", r, err, out.String())
	}
	b.short = true
	if r, err = b.run(1, 2); err != nil || r.survived != 2 || r.tried != 2 {
		t.Errorf("again, by short tests: %v, %v", r, err)
	}
	user := filepath.Join(dir, "user")
	if err := os.Mkdir(user, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "package user\n\nimport (\n\t\"made\"\n\t\"testing\"\n)\n\nfunc TestOne(t *testing.T) {\n\tif half, _ := made.Half(1); half != 0 {\n\t\tt.Error(half)\n\t}\n\tif _, err := made.Half(0); err != nil {\n\t\tt.Error(err)\n\t}\n}\n"
	if err := os.WriteFile(filepath.Join(user, "user_test.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.again, b.with = []place{{"made.go", 10, 9, "0 became 1"}}, []string{"./user"}
	if r, err := b.run(1, 1); err != nil || r.survived != 0 || r.tried != 1 {
		t.Errorf("with the tests of a package that uses it: %v, %v", r, err)
	}
	b.again, b.with = nil, nil
	out.Reset()
	b.checks, b.verbose = true, true
	if r, err := b.run(100, 1); err != nil || r.tried != 3 || strings.Count(out.String(), "n < 0") != 3 {
		t.Errorf("only checks: %v, %v\n%s", r, err, out.String())
	}
	b.checks, b.verbose = false, false
	if err := os.WriteFile(filepath.Join(dir, "made_test.go"), []byte(strings.Replace(made["made_test.go"], "9: 4", "9: 5", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.again, b.files = nil, regexp.MustCompile(`_illumos\.go$`)
	if _, err := b.run(1, 1); err == nil || !strings.Contains(err.Error(), "nothing in it can be changed") {
		t.Errorf("files that match no name: %v", err)
	}
	b.files = regexp.MustCompile(`^made\.go$`)
	if _, err := b.run(1, 1); err == nil || !strings.Contains(err.Error(), "its tests fail without a change") {
		t.Errorf("a package whose tests fail: %v", err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	at := func(line, column int, what string) place { return place{"p/a.go", line, column, what} }
	var all []mutant
	for _, p := range []place{at(3, 5, "x"), at(3, 9, "x"), at(8, 5, "x"), at(8, 5, "y"), {"p/b.go", 3, 5, "x"}} {
		all = append(all, mutant{place: p})
	}
	for _, test := range []struct {
		name string
		at   []place
		want string
	}{
		{"as it was", []place{at(8, 5, "y"), at(3, 9, "x")}, "p/a.go:8:5: y; p/a.go:3:9: x"},
		{"moved", []place{at(7, 5, "x"), at(4, 6, "x")}, "p/a.go:8:5: x; p/a.go:3:5: x"},
		{"two of a kind", []place{at(3, 9, "x"), at(3, 9, "x")}, "p/a.go:3:9: x; p/a.go:3:5: x"},
		{"gone", []place{at(3, 5, "z")}, "gone: p/a.go:3:5: z"},
		{"of another package", []place{{"q/a.go", 3, 5, "x"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			var got []string
			for _, m := range find(test.at, all, &out) {
				got = append(got, m.String())
			}
			if got := strings.Join(got, "; ") + strings.TrimSpace(out.String()); got != test.want {
				t.Error(got)
			}
		})
	}
	if _, err := saved(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("the survivors of no file")
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
			asks := strings.HasPrefix(m.what, "negated: ") || strings.HasPrefix(m.what, "dropped: if ") || strings.Contains(m.what, " in ")
			if m.check != asks {
				t.Errorf("%v: a check is %v", m, m.check)
			}
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
