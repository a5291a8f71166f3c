package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// skips returns the calls in a Go file that skip a test without package testenv. Skips of
// *rapid.T only discard a case.
func skips(name, text string) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []string
	walk := func(body ast.Node) {
		ast.Inspect(body, func(n ast.Node) bool {
			if f, isFunction := n.(*ast.FuncLit); isFunction && rapid(f.Type) {
				return false
			}
			call, isCall := n.(*ast.CallExpr)
			if !isCall {
				return true
			}
			if to, isMethod := call.Fun.(*ast.SelectorExpr); isMethod && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, to.Sel.Name) {
				found = append(found, files.Position(call.Pos()).String())
			}
			return true
		})
	}
	for _, d := range file.Decls {
		if f, isFunction := d.(*ast.FuncDecl); isFunction && (f.Body == nil || rapid(f.Type)) {
			continue
		}
		walk(d)
	}
	return found, nil
}

// rapid reports whether a function takes a *rapid.T.
func rapid(f *ast.FuncType) bool {
	return slices.ContainsFunc(f.Params.List, func(p *ast.Field) bool {
		pointer, is := p.Type.(*ast.StarExpr)
		if !is {
			return false
		}
		of, is := pointer.X.(*ast.SelectorExpr)
		if !is {
			return false
		}
		from, is := of.X.(*ast.Ident)
		return is && from.Name == "rapid"
	})
}

// TestSkips: what a test needs stands in package testenv.
func TestSkips(t *testing.T) {
	t.Parallel()
	eachTest(t, func(path, text string) error {
		found, err := skips(path, text)
		for _, at := range found {
			t.Errorf("%s: a test is skipped by hand: use testenv.Need", at)
		}
		return err
	})
}

// eachTest calls f with every file of the module that has tests, or helps them, but those of
// package testenv.
func eachTest(t *testing.T, f func(path, text string) error) {
	t.Helper()
	top := os.DirFS(source(t))
	tests := 0
	err := fs.WalkDir(top, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasPrefix(path, "internal/testenv/") {
			return err
		}
		text, err := fs.ReadFile(top, path)
		if err != nil || !strings.Contains(string(text), `"testing"`) {
			return err
		}
		tests++
		return f(path, string(text))
	})
	if err != nil || tests < 100 {
		t.Errorf("%d files with tests: %v", tests, err)
	}
}

func TestSkipsAreFound(t *testing.T) {
	t.Parallel()
	const text = `package p
func TestOne(t *testing.T) { t.Skip("a") }
func TestTwo(t *testing.T) { t.Run("b", func(t *testing.T) { t.SkipNow() }) }
func TestRapid(t *testing.T) { rapid.Check(t, func(t *rapid.T) { t.Skip("c") }) }
func check(t *rapid.T) { t.Skip("d") }
func BenchmarkOne(b *testing.B) { b.Skipf("e %d", 1) }
`
	found, err := skips("p_test.go", text)
	if want := []string{"p_test.go:2:30", "p_test.go:3:62", "p_test.go:6:35"}; err != nil || !slices.Equal(found, want) {
		t.Errorf("%q, %v; want %q", found, err, want)
	}
}
