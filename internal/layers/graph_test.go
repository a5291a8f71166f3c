package layers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/build/constraint"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const module = "github.com/gozones/zones"

// arrow is one import.
type arrow struct{ from, to string }

// pkg is one package of the module, over all systems.
type pkg struct {
	closed  bool              // a command, or only tests: no program can import it
	imports map[string]bool   // packages of the module
	tests   map[string]bool   // those that only its tests import
	files   map[string]string // files for some systems only, with the suffix or constraint that says so
}

// graph has the module's packages by their path in it; the root's is "zones".
type graph map[string]*pkg

// contexts are the builds whose union is the graph.
var contexts = [][]string{
	{"GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"},
	{"GOOS=illumos", "GOARCH=amd64", "CGO_ENABLED=0"},
	{"GOOS=illumos", "GOARCH=amd64", "CGO_ENABLED=1"},
	{"GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0"},
}

// load draws the graph of the module in a directory.
func load(dir string) (graph, error) {
	g := make(graph)
	for _, context := range contexts {
		list := exec.Command("go", "list", "-mod=readonly", "-json=ImportPath,Name,Dir,GoFiles,CgoFiles,Imports,TestImports,XTestImports", "./...")
		list.Dir, list.Env = dir, append(os.Environ(), context...)
		var complaints bytes.Buffer
		list.Stderr = &complaints
		out, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %v: %w\n%s", context, err, &complaints)
		}
		for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
			var one struct {
				ImportPath, Name, Dir              string
				GoFiles, CgoFiles                  []string
				Imports, TestImports, XTestImports []string
			}
			if err := decoder.Decode(&one); err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			path := short(one.ImportPath)
			known := g[path] != nil
			p := g.at(path)
			closed := one.Name == "main" || len(one.GoFiles)+len(one.CgoFiles) == 0
			p.closed = closed && (p.closed || !known)
			add(p.imports, one.Imports)
			add(p.tests, one.TestImports)
			add(p.tests, one.XTestImports)
			if err := p.scan(one.Dir); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

// at returns a package, which it adds if the graph lacks it.
func (g graph) at(path string) *pkg {
	if g[path] == nil {
		g[path] = &pkg{imports: map[string]bool{}, tests: map[string]bool{}, files: map[string]string{}}
	}
	return g[path]
}

func add(set map[string]bool, imports []string) {
	for _, path := range imports {
		if path == module || strings.HasPrefix(path, module+"/") {
			set[short(path)] = true
		}
	}
}

func short(path string) string {
	return cmp.Or(strings.TrimPrefix(strings.TrimPrefix(path, module), "/"), "zones")
}

// scan finds the files in a directory that are built for some systems only.
func (p *pkg) scan(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if ext := filepath.Ext(name); ext != ".go" && ext != ".s" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if why := systemOf(name, string(text)); why != "" {
			p.files[name] = why
		}
	}
	return nil
}

// known are the names of systems in build constraints and in names of files.
var known = strings.Fields("aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris unix wasip1 windows")

// systemOf returns the suffix or constraint that restricts a file to some systems, or
// "" if none does.
func systemOf(name, text string) string {
	stem := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".go"), ".s"), "_test")
	parts := strings.Split(stem, "_")[1:]
	for _, part := range parts[max(0, len(parts)-2):] {
		if slices.Contains(known, part) && part != "unix" {
			return "_" + part
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "package ") {
			break
		}
		if !constraint.IsGoBuild(line) {
			continue
		}
		expr, err := constraint.Parse(line)
		if err != nil {
			return line // which go vet refuses, too
		}
		found := ""
		expr.Eval(func(tag string) bool {
			if slices.Contains(known, tag) {
				found = line
			}
			return true
		})
		if found != "" {
			return found
		}
	}
	return ""
}

// path returns the shortest chain of imports from a package to a wanted one.
func (g graph) path(from string, wanted func(string) bool) []string {
	chains := [][]string{{from}}
	seen := map[string]bool{from: true}
	for len(chains) > 0 {
		chain := chains[0]
		chains = chains[1:]
		p := g[chain[len(chain)-1]]
		if p == nil {
			continue
		}
		for _, next := range sorted(p.imports) {
			if seen[next] {
				continue
			}
			seen[next] = true
			longer := append(slices.Clone(chain), next)
			if wanted(next) {
				return longer
			}
			chains = append(chains, longer)
		}
	}
	return nil
}
