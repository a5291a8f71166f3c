package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"strconv"
	"strings"
)

// A mutant is a changed copy of a file.
type mutant struct {
	place
	text  []byte
	check bool
}

// An edit replaces the bytes from one offset of a file up to another.
type edit struct {
	from, to int
	by, what string
	check    bool // of what code asks: a condition negated or left out, a comparison swapped
}

// mutants returns every mutant of a file.
func mutants(path string, text []byte) ([]mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	e := editor{files: files, text: text}
	for _, d := range file.Decls {
		if f, isFunction := d.(*ast.FuncDecl); isFunction && f.Body != nil {
			ast.Inspect(f.Body, e.visit)
		}
	}
	var all []mutant
	for _, edit := range e.edits {
		all = append(all, mutant{
			place: place{
				file:   path,
				line:   1 + bytes.Count(text[:edit.from], []byte{'\n'}),
				column: edit.from - bytes.LastIndexByte(text[:edit.from], '\n'),
				what:   edit.what,
			},
			check: edit.check,
			text:  bytes.Join([][]byte{text[:edit.from], []byte(edit.by), text[edit.to:]}, nil),
		})
	}
	return all, nil
}

// editor collects the edits of a file.
type editor struct {
	files *token.FileSet
	text  []byte
	edits []edit
}

// source returns the text of a node, in one line and not too long.
func (e *editor) source(n ast.Node) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, e.files, n)
	text := strings.Join(strings.Fields(b.String()), " ")
	const most = 80
	if len(text) > most {
		text = text[:most] + "..."
	}
	return text
}

// replace notes an edit of a node.
func (e *editor) replace(n ast.Node, by, what string) {
	e.edits = append(e.edits, edit{e.files.Position(n.Pos()).Offset, e.files.Position(n.End()).Offset, by, what, false})
}

// replaceCheck is replace for what code asks.
func (e *editor) replaceCheck(n ast.Node, by, what string) {
	e.replace(n, by, what)
	e.edits[len(e.edits)-1].check = true
}

func (e *editor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		e.negate(n.Cond)
		e.withoutReturn(n)
	case *ast.ForStmt:
		if n.Cond != nil {
			e.negate(n.Cond)
		}
	case *ast.CaseClause:
		e.statements(n.Body)
	case *ast.CommClause:
		e.statements(n.Body)
	case *ast.BlockStmt:
		e.statements(n.List)
	case *ast.BinaryExpr:
		e.compare(n)
	case *ast.BasicLit:
		e.number(n)
	case *ast.SelectorExpr:
		e.errno(n)
	}
	return true
}

// negate turns a condition into its opposite.
func (e *editor) negate(condition ast.Expr) {
	e.replaceCheck(condition, "!("+e.between(condition.Pos(), condition.End())+")", "negated: "+e.source(condition))
}

// withoutReturn lets an if whose only statement returns do nothing.
func (e *editor) withoutReturn(n *ast.IfStmt) {
	if n.Else != nil || len(n.Body.List) != 1 {
		return
	}
	if r, returns := n.Body.List[0].(*ast.ReturnStmt); returns {
		e.replaceCheck(n.Cond, "("+e.between(n.Cond.Pos(), n.Cond.End())+") && false", "dropped: if "+e.source(n.Cond)+" { "+e.source(r)+" }")
	}
}

// statements drops calls, defers, assignments, increments. What is dropped is still
// compiled, so that nothing becomes unused.
func (e *editor) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE { // what follows needs it
				continue
			}
		case *ast.ExprStmt, *ast.DeferStmt, *ast.IncDecStmt, *ast.SendStmt:
		default:
			continue
		}
		e.replace(s, "if false { "+e.between(s.Pos(), s.End())+" }", "dropped: "+e.source(s))
	}
}

// between returns the text of the file between two positions.
func (e *editor) between(from, to token.Pos) string {
	return string(e.text[e.files.Position(from).Offset:e.files.Position(to).Offset])
}

// others has the operators that each comparison is swapped for.
var others = map[token.Token]string{
	token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">",
	token.EQL: "!=", token.NEQ: "==", token.LAND: "||", token.LOR: "&&",
}

// compare swaps the operator of a comparison.
func (e *editor) compare(n *ast.BinaryExpr) {
	by, known := others[n.Op]
	if !known {
		return
	}
	from := e.files.Position(n.OpPos).Offset
	e.edits = append(e.edits, edit{from, from + len(n.Op.String()), by, n.Op.String() + " became " + by + " in " + e.source(n), true})
}

// number changes an integer by one.
func (e *editor) number(n *ast.BasicLit) {
	if n.Kind != token.INT {
		return
	}
	if v, err := strconv.ParseInt(n.Value, 0, 63); err == nil {
		e.replace(n, strconv.FormatInt(v+1, 10), fmt.Sprintf("%s became %d", n.Value, v+1))
	}
}

// errno changes an error number.
func (e *editor) errno(n *ast.SelectorExpr) {
	from, isName := n.X.(*ast.Ident)
	if !isName || from.Name != "errno" && from.Name != "unix" && from.Name != "syscall" ||
		len(n.Sel.Name) < 3 || n.Sel.Name[0] != 'E' || n.Sel.Name != strings.ToUpper(n.Sel.Name) {
		return
	}
	by := from.Name + ".ENXIO"
	if n.Sel.Name == "ENXIO" {
		by = from.Name + ".EDOM"
	}
	e.replace(n, by, from.Name+"."+n.Sel.Name+" became "+by)
}
