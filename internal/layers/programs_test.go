package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// programs returns the calls in a Go file that write a program as any file is written.
func programs(name, text string) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is || len(call.Args) != 3 {
			return true
		}
		to, is := call.Fun.(*ast.SelectorExpr)
		if !is || to.Sel.Name != "WriteFile" {
			return true
		}
		content, _ := call.Args[1].(*ast.Ident)
		mode, is := call.Args[2].(*ast.BasicLit)
		if !is || content != nil && content.Name == "nil" {
			return true
		}
		if bits, err := strconv.ParseUint(mode.Value, 0, 32); err == nil && bits&0o111 != 0 {
			found = append(found, files.Position(call.Pos()).String())
		}
		return true
	})
	return found, nil
}

// TestPrograms: no child of another test can hold a program open that a test has written.
func TestPrograms(t *testing.T) {
	t.Parallel()
	eachTest(t, func(path, text string) error {
		found, err := programs(path, text)
		for _, at := range found {
			t.Errorf("%s: a program is written by os.WriteFile: use testenv.WriteProgram", at)
		}
		return err
	})
}

func TestProgramsAreFound(t *testing.T) {
	t.Parallel()
	const text = `package a
var _ = os.WriteFile(a, b, 0o755)
var _ = os.WriteFile(a, nil, 0o755)
var _ = os.WriteFile(a, b, 0o644)
var _ = testenv.WriteProgram(a, b, 0o755)
var _ = os.WriteFile(a, []byte("#!/bin/sh"), 0700)
`
	found, err := programs("a.go", text)
	if want := []string{"a.go:2:9", "a.go:6:9"}; err != nil || !slices.Equal(found, want) {
		t.Errorf("%q, %v; want %q", found, err, want)
	}
}
