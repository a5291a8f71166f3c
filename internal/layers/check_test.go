package layers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// house and its exceptions, as one value that a test of the test can replace.
type rules struct {
	house       []floor
	testArrows  map[arrow]string
	systems     []string
	systemFiles map[string]string
}

var ours = rules{house, testArrows, systems, systemFiles}

// reach says that some packages must not be imported from others, directly or
// indirectly.
type reach struct {
	from, to []string // packages and those below them
	why      string
}

var reaches = []reach{
	{
		[]string{"internal/zoneadm", "internal/zoneadmd", "internal/zlogin"},
		[]string{"kernel", "internal/linuxhost", "internal/kernelrpc/server"},
		"a job reaches the embedded kernel",
	},
	{
		[]string{"kernel"},
		[]string{"internal/zoneadm", "internal/zoneadmd", "internal/zlogin", "internal/linuxhost"},
		"the kernel reaches a job or the Linux host",
	},
}

// check returns the violations in a graph, sorted, one per line.
func (r rules) check(g graph) []string {
	var wrong []string
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	where := places(r.house)
	for path := range where {
		if g[path] == nil {
			complain("%s is drawn in the house, and there is no such package", path)
		}
	}
	for path, p := range g {
		at, drawn := where[path]
		if public := !p.closed && !slices.Contains(strings.Split(path, "/"), "internal"); public && !at.public {
			complain("%s is a public package that the list doesn't have%s", path, g.importers(path))
		} else if !drawn {
			complain("%s has no place in the house%s", path, g.importers(path))
		} else if at.public && !public {
			complain("%s is on the list of public packages, and isn't one", path)
		}
		up := func(to string) bool {
			target, known := where[to]
			return drawn && known && to != path && target.line <= at.line
		}
		for to := range p.imports {
			switch {
			case below(path, "sys") && !below(to, "sys"):
				complain("sys/ imports something else of ours: %s -> %s", path, to)
			case up(to):
				complain("an arrow points up: %s (%s) -> %s (%s)", path, at.floor, to, where[to].floor)
			}
		}
		for to := range p.tests {
			if up(to) && where[to].floor != "tests" && r.testArrows[arrow{path, to}] == "" {
				complain("an arrow of a test points up: %s (%s) -> %s (%s)", path, at.floor, to, where[to].floor)
			}
		}
		for file, why := range p.files {
			test := strings.HasSuffix(file, "_test.go")
			switch {
			case slices.ContainsFunc(r.systems, func(dir string) bool { return below(path, dir) }):
			case r.systemFiles[path+"/"+file] != "":
			case test && r.systemFiles[path] != "":
			default:
				complain("%s is for some operating systems only: %s/%s (%s)", path, path, file, why)
			}
		}
		for _, rule := range reaches {
			if !anyBelow(path, rule.from) {
				continue
			}
			if chain := g.path(path, func(to string) bool { return anyBelow(to, rule.to) }); chain != nil {
				complain("%s: %s", rule.why, strings.Join(chain, " -> "))
			}
		}
	}
	for _, gone := range r.unused(g) {
		complain("an exception is not needed any more: %s", gone)
	}
	slices.Sort(wrong)
	return wrong
}

// unused returns the exceptions that the graph doesn't need.
func (r rules) unused(g graph) (gone []string) {
	for a := range r.testArrows {
		if p := g[a.from]; p == nil || !p.tests[a.to] {
			gone = append(gone, a.from+" -> "+a.to)
		}
	}
	for name := range r.systemFiles {
		dir, file := name, ""
		if strings.HasSuffix(name, ".go") {
			at := strings.LastIndexByte(name, '/')
			dir, file = name[:at], name[at+1:]
		}
		needed := false
		if p := g[dir]; p != nil {
			for f := range p.files {
				needed = needed || f == file || file == "" && strings.HasSuffix(f, "_test.go")
			}
		}
		if !needed {
			gone = append(gone, name)
		}
	}
	return gone
}

// importers returns the packages that import a package.
func (g graph) importers(path string) string {
	var from []string
	for other, p := range g {
		if p.imports[path] || p.tests[path] {
			from = append(from, other+" -> "+path)
		}
	}
	if from == nil {
		return ""
	}
	slices.Sort(from)
	return ": " + strings.Join(from, ", ")
}

func below(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

func anyBelow(path string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return below(path, dir) })
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
