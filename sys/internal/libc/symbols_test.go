package libc

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

var update = flag.Bool("update", false, "write calls_*_illumos.go")

// goName returns the Go name of a symbol: DoorCall for door_call.
func goName(s string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(s, "_") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// parameters returns the names of a prototype's parameters.
func parameters(t *testing.T, c string) []string {
	t.Helper()
	open := strings.Index(c, "(")
	var (
		names []string
		depth int
		word  strings.Builder
	)
	flush := func() {
		text := strings.TrimSpace(word.String())
		word.Reset()
		if text == "" || text == "void" {
			return
		}
		if strings.Contains(text, "(*") { // a function pointer: (*name)(...)
			_, text, _ = strings.Cut(text, "(*")
			text, _, _ = strings.Cut(text, ")")
			names = append(names, text)
			return
		}
		fields := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '*' })
		names = append(names, fields[len(fields)-1])
	}
	for _, r := range c[open+1 : len(c)-1] {
		switch {
		case r == ',' && depth == 0:
			flush()
			continue
		case r == '(':
			depth++
		case r == ')':
			depth--
		}
		word.WriteRune(r)
	}
	flush()
	for i, name := range names {
		if slices.Contains([]string{"new", "func", "map", "range"}, name) {
			names[i] = name + "_"
		}
	}
	return names
}

// generate returns the Go source of an interface's functions.
func generate(t *testing.T, symbols []Symbol) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("// Code generated from symbols.go by its test with -update. DO NOT EDIT.\n\npackage libc\n\nimport (\n")
	if slices.ContainsFunc(symbols, func(s Symbol) bool { return s.Failure != Never }) {
		b.WriteString("\t\"syscall\"\n")
	}
	b.WriteString("\t\"unsafe\"\n)\n\n")
	for _, s := range symbols {
		fmt.Fprintf(&b, "//go:cgo_import_dynamic libc_%s %s %q\n", s.Name, s.Name, s.Library)
	}
	b.WriteByte('\n')
	for _, s := range symbols {
		fmt.Fprintf(&b, "//go:linkname proc%s libc_%s\n", goName(s.Name), s.Name)
	}
	b.WriteString("\nvar (\n")
	for _, s := range symbols {
		fmt.Fprintf(&b, "\tproc%s uintptr\n", goName(s.Name))
	}
	b.WriteString(")\n")
	for _, s := range symbols {
		name := goName(s.Name)
		address := fmt.Sprintf("uintptr(unsafe.Pointer(&proc%s))", name)
		if s.Address {
			fmt.Fprintf(&b, "\n// Address%s returns the address of %s.\nfunc Address%s() uintptr { return %s }\n", name, s.C, name, address)
			continue
		}
		fmt.Fprintf(&b, "\n// %s is %s.\n//\n//go:uintptrescapes\n", name, s.C)
		args := parameters(t, s.C)
		var list, given string
		if len(args) > 0 {
			list = strings.Join(args, ", ") + " uintptr"
		}
		for i := range 6 {
			if i < len(args) {
				given += ", " + args[i]
			} else {
				given += ", 0"
			}
		}
		call := fmt.Sprintf("sysvicall6(%s, %d%s)", address, len(args), given)
		if len(args) > 6 {
			call = fmt.Sprintf("sysvicall8(%s, %s)", address, strings.Join(args, ", "))
		}
		switch s.Failure {
		case Never:
			fmt.Fprintf(&b, "func %s(%s) uintptr {\n\tresult, _, _ := %s\n\treturn result\n}\n", name, list, call)
		default:
			check := map[Failure]string{Minus1: "int32(result) == -1", Minus1L: "result == ^uintptr(0)", Null: "result == 0"}[s.Failure]
			fmt.Fprintf(&b, "func %s(%s) (uintptr, syscall.Errno) {\n\tresult, _, failure := %s\n\tif %s {\n\t\treturn result, failure\n\t}\n\treturn result, 0\n}\n", name, list, call, check)
		}
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.Bytes())
	}
	return text
}

// fileOf returns the name of an interface's generated file.
func fileOf(i Interface) string { return "calls_" + i.Name + "_illumos.go" }

// TestCalls compares the generated files with the table.
func TestCalls(t *testing.T) {
	testenv.Need(t, testenv.Source)
	found, err := filepath.Glob("calls_*_illumos.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range Interfaces {
		name, want := fileOf(i), generate(t, i.Symbols)
		names = append(names, name)
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from symbols.go: go test ./sys/internal/libc -update", name)
		}
	}
	for _, name := range found {
		if !slices.Contains(names, name) {
			t.Errorf("%s is of no interface in symbols.go", name)
		}
	}
}

// TestSymbols checks that each symbol is listed once and has a prototype of its name.
func TestSymbols(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range Interfaces {
		for _, s := range i.Symbols {
			if seen[s.Name] {
				t.Errorf("%s is listed twice", s.Name)
			}
			seen[s.Name] = true
			if !strings.Contains(s.C, s.Name+"(") {
				t.Errorf("%s has the prototype %q", s.Name, s.C)
			}
			if !strings.HasPrefix(s.Library, "lib") {
				t.Errorf("%s is imported from %q", s.Name, s.Library)
			}
			if n := len(parameters(t, s.C)); n > 8 || s.Address && s.Failure != Never {
				t.Errorf("%s: %d parameters, failure %v", s.Name, n, s.Failure)
			}
		}
	}
}
