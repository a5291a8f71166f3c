package libc

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write calls_illumos.go")

// goName is the symbol in Go's way: door_call is DoorCall.
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
		if strings.Contains(text, "(*") { // a function: its name stands within
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

func generate(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("// Code generated from symbols.go by its test with -update. DO NOT EDIT.\n\npackage libc\n\nimport (\n\t\"syscall\"\n\t\"unsafe\"\n)\n\n")
	for _, s := range Symbols {
		fmt.Fprintf(&b, "//go:cgo_import_dynamic libc_%s %s %q\n", s.Name, s.Name, s.Library)
	}
	b.WriteByte('\n')
	for _, s := range Symbols {
		fmt.Fprintf(&b, "//go:linkname proc%s libc_%s\n", goName(s.Name), s.Name)
	}
	b.WriteString("\nvar (\n")
	for _, s := range Symbols {
		fmt.Fprintf(&b, "\tproc%s uintptr\n", goName(s.Name))
	}
	b.WriteString(")\n")
	for _, s := range Symbols {
		name := goName(s.Name)
		address := fmt.Sprintf("uintptr(unsafe.Pointer(&proc%s))", name)
		if s.Address {
			fmt.Fprintf(&b, "\n// Address%s is where %s stands.\nfunc Address%s() uintptr { return %s }\n", name, s.C, name, address)
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

// TestCalls holds the file that is compiled against the table that is read.
func TestCalls(t *testing.T) {
	const name = "calls_illumos.go"
	want := generate(t)
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
		t.Errorf("%s is not what symbols.go says: go test ./sys/internal/libc -update", name)
	}
}

// TestSymbols: each symbol stands once, with a prototype of its own name.
func TestSymbols(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Symbols {
		if seen[s.Name] {
			t.Errorf("%s stands twice", s.Name)
		}
		seen[s.Name] = true
		if !strings.Contains(s.C, s.Name+"(") {
			t.Errorf("%s has the prototype %q", s.Name, s.C)
		}
		if !strings.HasPrefix(s.Library, "lib") {
			t.Errorf("%s comes from %q", s.Name, s.Library)
		}
		if n := len(parameters(t, s.C)); n > 8 || s.Address && s.Failure != Never {
			t.Errorf("%s: %d parameters, failure %v", s.Name, n, s.Failure)
		}
	}
}
