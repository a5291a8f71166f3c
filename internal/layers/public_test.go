package layers

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPublic checks that each public package has a comment and an example that runs, and
// that each of its exported names is documented.
func TestPublic(t *testing.T) {
	t.Parallel()
	dir := source(t)
	for path, at := range places(house) {
		if !at.public {
			continue
		}
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if path == "zones" {
				path = "."
			}
			set := token.NewFileSet()
			files, tests := parse(t, set, filepath.Join(dir, path))
			p, err := doc.NewFromFiles(set, files, module+"/"+path)
			if err != nil {
				t.Fatal(err)
			}
			if p.Doc == "" {
				t.Error("the package has no comment")
			}
			for _, name := range undocumented(p) {
				t.Errorf("%s has no comment", name)
			}
			for _, example := range doc.Examples(tests...) {
				if example.Output != "" || example.EmptyOutput {
					return
				}
			}
			t.Error("no example that runs")
		})
	}
}

// parse returns the files of a package that are built on Linux, and its tests.
func parse(t *testing.T, set *token.FileSet, dir string) (files, tests []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		test := strings.HasSuffix(name, "_test.go")
		if system := systemOf(filepath.Base(name), string(text)); !test && strings.Contains(system, "illumos") && !strings.Contains(system, "!illumos") {
			continue
		}
		file, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if test {
			tests = append(tests, file)
		} else {
			files = append(files, file)
		}
	}
	return files, tests
}

// undocumented returns the exported names of a package without a comment. Constants and
// variables may share that of their group.
func undocumented(p *doc.Package) []string {
	var names []string
	values := func(list []*doc.Value) {
		for _, v := range list {
			if v.Doc == "" {
				names = append(names, strings.Join(v.Names, ", "))
			}
		}
	}
	functions := func(of string, list []*doc.Func) {
		for _, f := range list {
			if f.Doc == "" {
				names = append(names, of+f.Name)
			}
		}
	}
	values(p.Consts)
	values(p.Vars)
	functions("", p.Funcs)
	for _, typ := range p.Types {
		if typ.Doc == "" {
			names = append(names, typ.Name)
		}
		values(typ.Consts)
		values(typ.Vars)
		functions("", typ.Funcs)
		functions(typ.Name+".", typ.Methods)
	}
	return names
}
