package headers

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write facts.go and facts.h")

// packages are those that declare constants and structures of the headers.
var packages = []struct {
	dir, name string
	named     bool // constants have their C names, else comments begin with them
}{
	{"../abi", "abi", true},
	{"../../errno", "errno", true},
	{"../../zone", "zone", false},
	{"../../rctl", "rctl", false},
	{"../../secflags", "secflags", false},
}

// only has the names that headers without Trusted Extensions, or older ones, lack, and those of
// headers that a system may not have.
var only = map[string]string{
	"ZC_HOLDSUBSID": "ifdef ZC_HOLDSUBSID", "ZC_RELEASESUBSID": "ifdef ZC_HOLDSUBSID", // ZC_HOLDSLAVE until 2021
	"ZONE_ATTR_SLBL": "ifdef ZONE_ATTR_SLBL", "ZE_LABELINUSE": "ifdef ZONE_ATTR_SLBL",
	"DLMGMT_CMD_ZONEBOOT": "ifdef DLMGMT_CMD_ZONEBOOT", "DLMGMT_CMD_ZONEHALT": "ifdef DLMGMT_CMD_ZONEHALT",
	"TCP_IOC_ABORT_CONN": "ifdef TCP_IOC_ABORT_CONN", "TCPS_SYN_SENT": "ifdef TCP_IOC_ABORT_CONN", "TCPS_TIME_WAIT": "ifdef TCP_IOC_ABORT_CONN",
	"tcp_ioc_abort_conn_t":   "ifdef TCP_IOC_ABORT_CONN",
	"ZONE_ATTR_INITRESTART0": "ifdef ZONE_ATTR_INITRESTART0", "ZONE_ATTR_INITREBOOT": "ifdef ZONE_ATTR_INITREBOOT",
}

// outside has the names that aren't constant expressions in the headers.
var outside = []string{"PROC_SEC_MASK"}

// withoutLabels marks the structure of systems without Trusted Extensions.
const withoutLabels = " without labels"

type declared struct {
	constants  []constant
	structures []declaredStructure
}

type constant struct {
	c, expression string
	text          bool
}

type declaredStructure struct {
	c, pkg, goName string
	variant        string // the text after the C type in the assertion's comment
	fields         []field
}

var (
	cName  = regexp.MustCompile(`^// ([A-Z_][A-Z0-9_]{2,})(?:$|[:, ])`)
	sizeOf = regexp.MustCompile(`^// sizeof \((.*)\)(.*)$`)
	member = regexp.MustCompile(`^// ([a-z_][a-z0-9_.]*)(?:$|:)`)
)

// collect reads the declarations from the packages' source.
func collect(t *testing.T) declared {
	t.Helper()
	var d declared
	for _, p := range packages {
		names, err := filepath.Glob(filepath.Join(p.dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		var files []*ast.File
		for _, name := range names {
			if base := filepath.Base(name); strings.HasSuffix(base, "_test.go") || strings.Contains(base, "_illumos") || strings.Contains(base, "_other") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if file.Name.Name == p.name {
				files = append(files, file)
			}
		}
		if len(files) == 0 {
			t.Fatalf("%s: no package %s", p.dir, p.name)
		}
		structs := map[string]*ast.StructType{}
		sizes := map[string]string{} // Go type: C type
		for _, file := range files {
			for _, decl := range file.Decls {
				general, ok := decl.(*ast.GenDecl)
				if !ok {
					continue
				}
				for _, spec := range general.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						if s, ok := spec.Type.(*ast.StructType); ok {
							structs[spec.Name.Name] = s
						}
					case *ast.ValueSpec:
						if general.Tok == token.CONST {
							d.value(p.name, p.named, spec, sizes)
						}
					}
				}
			}
		}
		d.structs(t, p.name, structs, sizes)
	}
	return d
}

func comment(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if g != nil {
			return g.List[0].Text
		}
	}
	return ""
}

// value adds a constant, or the C type of a structure whose size is asserted.
func (d *declared) value(pkg string, named bool, spec *ast.ValueSpec, sizes map[string]string) {
	name, text := spec.Names[0].Name, comment(spec.Comment)
	if name == "_" {
		if m := sizeOf.FindStringSubmatch(text); m != nil {
			ast.Inspect(spec, func(n ast.Node) bool {
				if lit, ok := n.(*ast.CompositeLit); ok {
					sizes[lit.Type.(*ast.Ident).Name] = m[1] + m[2]
				}
				return true
			})
		}
		return
	}
	if !ast.IsExported(name) {
		return
	}
	c := ""
	if named {
		if strings.ToUpper(name) == name || strings.HasPrefix(name, "SYS_") {
			c = name
		}
	} else if m := cName.FindStringSubmatch(text); m != nil {
		c = m[1]
	}
	if c == "" || slices.Contains(outside, c) {
		return
	}
	isText := false
	if len(spec.Values) == 1 {
		lit, ok := spec.Values[0].(*ast.BasicLit)
		isText = ok && lit.Kind == token.STRING
	}
	d.constants = append(d.constants, constant{c, pkg + "." + name, isText})
}

// extra are structures without a size assertion.
var extra = map[string]map[string]string{"rctl": {"Block": "rctl_opaque_t"}}

func (d *declared) structs(t *testing.T, pkg string, structs map[string]*ast.StructType, sizes map[string]string) {
	t.Helper()
	for goName, c := range extra[pkg] {
		sizes[goName] = c
	}
	var names []string
	for name := range sizes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s := declaredStructure{c: sizes[name], pkg: pkg, goName: name}
		if c, ok := strings.CutSuffix(s.c, withoutLabels); ok {
			s.c, s.variant = c, withoutLabels
		}
		for _, f := range structs[name].Fields.List {
			for _, goName := range f.Names {
				if goName.Name == "_" {
					continue
				}
				m := member.FindStringSubmatch(comment(f.Comment))
				if m == nil {
					t.Fatalf("%s.%s.%s has no C name in its comment", pkg, name, goName.Name)
				}
				s.fields = append(s.fields, field{m[1], goName.Name})
			}
		}
		d.structures = append(d.structures, s)
	}
}

// includes are the headers. Those that others need come first.
const includes = `#include <sys/types.h>
#include <sys/param.h>
#include <sys/syscall.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/contract.h>
#include <sys/contract/process.h>
#include <sys/ctfs.h>
#include <sys/devctl.h>
#include <sys/dls_mgmt.h>
#include <sys/door.h>
#include <sys/mac.h>
#include <sys/mount.h>
#include <sys/priocntl.h>
#include <sys/priv.h>
#include <sys/procset.h>
#include <sys/ptms.h>
#include <sys/rctl.h>
#include <sys/rctl_impl.h>
#include <sys/secflags.h>
#include <sys/stropts.h>
#include <sys/sysevent.h>
#include <sys/sysevent_impl.h>
#include <sys/termios.h>
#include <sys/uadmin.h>
#include <sys/utsname.h>
#include <sys/zcons.h>
#include <sys/zone.h>
#include <net/if.h>
#include <door.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <utmpx.h>
#include <zone.h>
#ifdef __has_include
#if __has_include(<inet/tcp.h>)
#include <inet/tcp.h>
#endif
#endif
`

func (d *declared) goFile() []byte {
	var b bytes.Buffer
	b.WriteString("// Code generated by go test ./sys/internal/headers -update. DO NOT EDIT.\n\npackage headers\n\nimport (\n\t\"reflect\"\n\n")
	for _, p := range []string{"errno", "internal/abi", "rctl", "secflags", "zone"} {
		fmt.Fprintf(&b, "\t\"github.com/gozones/zones/sys/%s\"\n", p)
	}
	b.WriteString(")\n\nfunc constants() []Fact {\n\treturn []Fact{\n")
	for _, c := range d.constants {
		if c.text {
			fmt.Fprintf(&b, "\t\t{Name: %q, Text: %s, IsText: true},\n", c.c, c.expression)
		} else {
			fmt.Fprintf(&b, "\t\t{Name: %q, Value: int64(%s)},\n", c.c, c.expression)
		}
	}
	b.WriteString("\t}\n}\n\nfunc structures() []structure {\n\treturn []structure{\n")
	for _, s := range d.structures {
		fmt.Fprintf(&b, "\t\t{%q, %q, reflect.TypeFor[%s.%s](), []field{", s.c, s.variant, s.pkg, s.goName)
		for _, f := range s.fields {
			fmt.Fprintf(&b, "{%q, %q}, ", f.c, f.goName)
		}
		b.WriteString("}},\n")
	}
	b.WriteString("\t}\n}\n")
	text, err := format.Source(b.Bytes())
	if err != nil {
		panic(fmt.Sprintf("%v\n%s", err, b.Bytes()))
	}
	return text
}

func (d *declared) cFile() []byte {
	var b bytes.Buffer
	b.WriteString("/* Code generated by go test ./sys/internal/headers -update. DO NOT EDIT. */\n#ifdef INCLUDES\n" + includes + "#else\n")
	n := 0
	fact := func(condition, macro, expression string) {
		if condition != "" {
			fmt.Fprintf(&b, "#%s\n", condition)
		}
		fmt.Fprintf(&b, "%s(%d, %s)\n", macro, n, expression)
		if condition != "" {
			b.WriteString("#endif\n")
		}
		n++
	}
	for _, c := range d.constants {
		if c.text {
			fact(only[c.c], "TEXT", c.c)
		} else {
			fact(only[c.c], "INTEGER", c.c)
		}
	}
	for _, s := range d.structures {
		condition := only[s.c]
		if s.c == "zone_def" {
			condition = "ifdef ZONE_ATTR_SLBL"
			if s.variant != "" {
				condition = "ifndef ZONE_ATTR_SLBL"
			}
		}
		fact(condition, "INTEGER", "sizeof ("+s.c+")")
		for _, f := range s.fields {
			fact(condition, "INTEGER", "offsetof("+s.c+", "+f.c+")")
			fact(condition, "INTEGER", "sizeof ((("+s.c+" *)0)->"+f.c+")")
		}
	}
	b.WriteString("#endif\n")
	return b.Bytes()
}

// TestGenerated compares the generated files with the declarations.
func TestGenerated(t *testing.T) {
	d := collect(t)
	for name, want := range map[string][]byte{"facts.go": d.goFile(), "facts.h": d.cFile()} {
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
			t.Errorf("%s differs from the declarations: go test ./sys/internal/headers -update", name)
		}
	}
	if len(d.constants) < 400 || len(d.structures) < 20 {
		t.Errorf("only %d constants and %d structures were found", len(d.constants), len(d.structures))
	}
}
