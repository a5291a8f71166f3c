// Vet runs the analyzers of go vet for many systems. go vet compiles the standard library
// and every module for each of them first, which takes minutes; here types are checked
// from source, and a file that several systems share is parsed once.
//
// Usage, in the directory of a module:
//
//	vet GOOS/GOARCH[=PATTERN,...] ...
//
// Without patterns all packages of the module are vetted, tests included. The exit status
// is 1 if a package doesn't compile or an analyzer finds something.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("vet: ")
	if len(os.Args) < 2 {
		log.Fatal("usage: vet GOOS/GOARCH[=PATTERN,...] ...")
	}
	files := parsed{set: token.NewFileSet(), files: map[string]*parsedFile{}}
	failed := false
	for _, arg := range os.Args[1:] {
		system, patterns, limited := strings.Cut(arg, "=")
		if !limited {
			patterns = "./..."
		}
		goos, goarch, ok := strings.Cut(system, "/")
		if !ok {
			log.Fatalf("%q is no GOOS/GOARCH", system)
		}
		config := &packages.Config{
			Mode:      packages.LoadAllSyntax,
			Tests:     true,
			Env:       append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0"),
			Fset:      files.set,
			ParseFile: files.parse,
		}
		ok, err := vet(config, strings.Split(patterns, ","))
		if err != nil {
			log.Fatalf("%s: %v", system, err)
		}
		verdict := "ok"
		if !ok {
			verdict, failed = "FAIL", true
		}
		fmt.Println(verdict, system)
	}
	if failed {
		os.Exit(1)
	}
}

// vet loads and analyses packages, prints what is wrong with them, and reports whether
// nothing is. An error says that they could not be loaded or analysed at all.
func vet(config *packages.Config, patterns []string) (bool, error) {
	loaded, err := packages.Load(config, patterns...)
	if err != nil {
		return false, err
	}
	if len(loaded) == 0 {
		return false, fmt.Errorf("no package matches %s", strings.Join(patterns, " "))
	}
	if packages.PrintErrors(loaded) > 0 {
		return false, nil
	}
	graph, err := checker.Analyze(analyzers, withTests(loaded), nil)
	if err != nil {
		return false, err
	}
	ok := true
	for action := range graph.All() {
		if action.Err != nil {
			return false, fmt.Errorf("%s: %w", action, action.Err)
		}
		ok = ok && !(action.IsRoot && len(action.Diagnostics) > 0)
	}
	return ok, graph.PrintText(os.Stderr, 0)
}

// withTests leaves out the packages that are also there with their tests, and the mains
// that go test generates.
func withTests(loaded []*packages.Package) (kept []*packages.Package) {
	tested := map[string]bool{}
	for _, p := range loaded {
		if name, _, ok := strings.Cut(p.ID, " ["); ok && name == p.PkgPath {
			tested[name] = true
		}
	}
	for _, p := range loaded {
		if p.ID == p.PkgPath && tested[p.ID] || strings.HasSuffix(p.ID, ".test") {
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// parsed keeps the syntax trees of files. Checking types doesn't change a tree, so that
// systems can share it.
type parsed struct {
	set   *token.FileSet
	mu    sync.Mutex // for files
	files map[string]*parsedFile
}

type parsedFile struct {
	once sync.Once
	tree *ast.File
	err  error
}

// parse is packages.Config.ParseFile; go/packages calls it from several goroutines.
func (p *parsed) parse(set *token.FileSet, name string, text []byte) (*ast.File, error) {
	p.mu.Lock()
	f := p.files[name]
	if f == nil {
		f = &parsedFile{}
		p.files[name] = f
	}
	p.mu.Unlock()
	f.once.Do(func() {
		f.tree, f.err = parser.ParseFile(set, name, text, parser.AllErrors|parser.ParseComments)
	})
	return f.tree, f.err
}
