package layers

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

var update = flag.Bool("update", false, "copy the drawing into ARCHITECTURE.md")

// source returns the module's directory.
func source(t *testing.T) string {
	t.Helper()
	testenv.Need(t, testenv.Source)
	return testenv.Top()
}

func TestHouse(t *testing.T) {
	t.Parallel()
	g, err := load(source(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range ours.check(g) {
		t.Error(problem)
	}
}

func TestDrawing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(source(t), "ARCHITECTURE.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := draw(house)
	before, rest, begun := strings.Cut(string(text), "```house\n")
	got, after, ended := strings.Cut(rest, "```\n")
	if !begun || !ended {
		t.Fatalf("%s has no block that begins with ```house", path)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the drawing in %s isn't the house: go test ./internal/layers -update", path)
	}
	if err := os.WriteFile(path, []byte(before+"```house\n"+want+"```\n"+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDocs checks that the files and packages named by the documents exist.
func TestDocs(t *testing.T) {
	t.Parallel()
	dir := source(t)
	names := map[string]bool{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "bin") {
			return fs.SkipDir
		}
		names[path], names[filepath.Base(path)] = true, true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := filepath.Glob(filepath.Join(dir, "docs/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) == 0 {
		t.Fatal("no documents")
	}
	for _, document := range append(documents, filepath.Join(dir, "README.md")) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range namedFiles(string(text)) {
			if !names[name] {
				t.Errorf("%s names %s, which doesn't exist", filepath.Base(document), name)
			}
		}
	}
}

var (
	inQuotes = regexp.MustCompile("`((?:ci|cmd|docs|internal|kernel|kstat|mk|sys|testdata|tools|zonecfg)/[a-zA-Z0-9_./-]*)`")
	goFile   = regexp.MustCompile(`\b[a-zA-Z0-9][a-zA-Z0-9_/-]*\.go\b`)
)

// namedFiles returns the files and directories of the module that a document names.
func namedFiles(text string) []string {
	var names []string
	for _, m := range inQuotes.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.TrimSuffix(strings.TrimSuffix(m[1], "/..."), "/"))
	}
	return append(names, goFile.FindAllString(text, -1)...)
}

func TestNamedFiles(t *testing.T) {
	t.Parallel()
	got := namedFiles("`sys/zone` and `sys/none/...`, `kernel/`: | exits.go, proc_linux.go | `internal/x/y.go` but not `go test ./sys/x`")
	want := []string{"sys/zone", "sys/none", "kernel", "internal/x/y.go", "exits.go", "proc_linux.go", "internal/x/y.go"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

// made returns a graph with every package of the house and every exception, without
// violations.
func made() graph {
	g := make(graph)
	for path := range places(house) {
		g.at(path).closed = below(path, "cmd") || below(path, "tools")
	}
	for a := range testArrows {
		g.at(a.from).tests[a.to] = true
	}
	for name := range systemFiles {
		if dir, file := filepath.Split(name); filepath.Ext(file) == ".go" {
			g.at(filepath.Clean(dir)).files[file] = "_linux"
		} else {
			g.at(name).files["x_linux_test.go"] = "_linux"
		}
	}
	return g
}

// TestFaults tests the test: each fault is found and reported with its chain.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault func(graph)
		want  []string
	}{
		{"nothing wrong", func(graph) {}, nil},
		{"all that is allowed", func(g graph) {
			g["zones"].imports["internal/zoneadm"] = true
			g["internal/zoneadm"].imports["internal/machine"] = true
			g["internal/machine"].imports["internal/kernelrpc/client"] = true
			g["internal/kernelrpc/server"].imports["kernel"] = true
			g["internal/zoneadm"].tests["kernel"] = true
			g["sys/zone"].tests["internal/abitest"] = true
			g["sys/zone"].files["x_illumos.go"] = "_illumos"
			g["zonecfg"].files["y_linux_test.go"] = "_linux"
		}, nil},
		{"an arrow up", func(g graph) { g["zonecfg"].imports["internal/zoneadm"] = true },
			[]string{"an arrow points up: zonecfg (configuration) -> internal/zoneadm (jobs)"}},
		{"an arrow to the same line", func(g graph) { g["internal/zoneadm"].imports["internal/zoneadmd"] = true },
			[]string{"an arrow points up: internal/zoneadm (jobs) -> internal/zoneadmd (jobs)"}},
		{"a test's arrow up", func(g graph) { g["zonecfg"].tests["internal/zoneadm"] = true },
			[]string{"an arrow of a test points up: zonecfg (configuration) -> internal/zoneadm (jobs)"}},
		{"a program imports what is for tests", func(g graph) { g["cmd/zoneadm-go"].imports["internal/replay"] = true },
			[]string{"an arrow points up: cmd/zoneadm-go (commands) -> internal/replay (tests)"}},
		{"a job imports the kernel", func(g graph) { g["internal/zlogin"].imports["kernel"] = true },
			[]string{"a job reaches the embedded kernel: internal/zlogin -> kernel"}},
		{"a job reaches the kernel", func(g graph) {
			g["internal/zoneadmd/launch"].imports["internal/machine"] = true
			g["internal/machine"].imports["internal/kernelrpc/server"] = true
			g["internal/kernelrpc/server"].imports["kernel"] = true
			g["internal/machine"].imports["kernel/host"] = true
		}, []string{"a job reaches the embedded kernel: internal/zoneadmd/launch -> internal/machine -> internal/kernelrpc/server"}},
		{"the kernel imports a job", func(g graph) { g["kernel"].imports["internal/zoneadm"] = true }, []string{
			"an arrow points up: kernel (embedded kernel) -> internal/zoneadm (jobs)",
			"the kernel reaches a job or the Linux host: kernel -> internal/zoneadm",
		}},
		{"the kernel imports the Linux host", func(g graph) { g["kernel/host/sim"].imports["internal/linuxhost"] = true }, []string{
			"an arrow points up: kernel/host/sim (embedded kernel) -> internal/linuxhost (embedded kernel)",
			"the kernel reaches a job or the Linux host: kernel/host/sim -> internal/linuxhost",
		}},
		{"sys/ imports ours", func(g graph) { g["sys/zone"].imports["internal/locate"] = true },
			[]string{"sys/ imports something else of ours: sys/zone -> internal/locate"}},
		{"a new public package", func(g graph) {
			g.at("util")
			g["zones"].imports["util"] = true
		}, []string{"util is a public package that the list doesn't have: zones -> util"}},
		{"an internal package that isn't drawn", func(g graph) { g.at("kstat/internal/cache") },
			[]string{"kstat/internal/cache has no place in the house"}},
		{"a package that has gone", func(g graph) { delete(g, "kstat") },
			[]string{"kstat is drawn in the house, and there is no such package"}},
		{"a file for one system", func(g graph) { g["internal/zoneadm"].files["fs_linux.go"] = "_linux" },
			[]string{"internal/zoneadm is for some operating systems only: internal/zoneadm/fs_linux.go (_linux)"}},
		{"a file for one system beside tests that may be", func(g graph) { g["zonecfg"].files["z.go"] = "//go:build !linux" },
			[]string{"zonecfg is for some operating systems only: zonecfg/z.go (//go:build !linux)"}},
		{"an exception that nothing needs", func(g graph) { clear(g["cmd/zones-kernel"].files); clear(g["zonecfg"].tests) }, []string{
			"an exception is not needed any more: cmd/zones-kernel",
			"an exception is not needed any more: zonecfg -> zonecfg/brand",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := made()
			test.fault(g)
			slices.Sort(test.want)
			if got := ours.check(g); !slices.Equal(got, test.want) {
				t.Errorf("found:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestSystemOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"a.go", "package a", ""},
		{"a_linux.go", "package a", "_linux"},
		{"a_illumos_amd64.s", "#include \"textflag.h\"", "_illumos"},
		{"a_linux_test.go", "package a", "_linux"},
		{"linux.go", "package a", ""},
		{"linux_calls.go", "package a", ""},
		{"a_amd64.go", "package a", ""},
		{"a.go", "// Comment.\n\n//go:build race && !linux\n\npackage a", "//go:build race && !linux"},
		{"a.go", "//go:build unix\npackage a", "//go:build unix"},
		{"a.go", "//go:build cgo\npackage a", ""},
		{"a.go", "package a\n\n//go:build linux\n", ""},
	} {
		if got := systemOf(test.name, test.text); got != test.want {
			t.Errorf("%s %q: %q, want %q", test.name, test.text, got, test.want)
		}
	}
}
