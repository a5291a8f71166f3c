package layers

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// heavy are packages that make a command slow to start, by their initialization or
// their size, with the programs that may link them because that is their purpose. A
// command that needs such a package for one of its verbs runs another program.
var heavy = map[string][]string{
	"archive/tar":                              {"zones-unpack"},
	"compress/flate":                           {"zones-unpack"},
	"crypto":                                   {"zones-unpack", "zones-zfs", "zonecfg-go"}, // the line editor hashes a name
	"database/sql/driver":                      {"zones-zfs"},
	"encoding/gob":                             nil,
	"encoding/xml":                             nil,
	"github.com/elastic/go-seccomp-bpf/arch":   {"zones-kernel"},
	"github.com/moby/profiles/seccomp":         {"zones-kernel"},
	"github.com/google/uuid":                   {"zones-zfs"},
	"github.com/klauspost/compress/zstd":       {"zones-unpack"},
	"github.com/mistifyio/go-zfs/v4":           {"zones-zfs"},
	"github.com/reeflective/readline":          {"zonecfg-go"},
	"github.com/vishvananda/netlink":           {"zones-kernel"},
	"go/ast":                                   nil,
	"html/template":                            nil,
	"net/http":                                 nil,
	"testing":                                  nil,
	module + "/kernel":                         {"zones-kernel"},
	module + "/internal/replay":                nil,
	"github.com/santhosh-tekuri/jsonschema/v6": nil,
}

// links are the imports of every package that the commands link.
type links map[string][]string

// linked returns the links of the commands as shipped for Linux.
func linked(t *testing.T, dir string) (g links, commands []string) {
	t.Helper()
	list := exec.Command("go", "list", "-mod=readonly", "-deps", "-json=ImportPath,Name,DepOnly,Imports", "./cmd/...")
	list.Dir, list.Env = dir, append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	var complaints bytes.Buffer
	list.Stderr = &complaints
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaints)
	}
	g = make(links)
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var one struct {
			ImportPath, Name string
			DepOnly          bool
			Imports          []string
		}
		if err := decoder.Decode(&one); err == io.EOF {
			return g, commands
		} else if err != nil {
			t.Fatal(err)
		}
		g[one.ImportPath] = one.Imports
		if one.Name == "main" && !one.DepOnly {
			commands = append(commands, one.ImportPath)
		}
	}
}

// chains returns the shortest chain of imports from a command to each package.
func (g links) chains(command string) map[string][]string {
	chains := map[string][]string{command: {command}}
	for next := []string{command}; len(next) > 0; next = next[1:] {
		for _, to := range g[next[0]] {
			if chains[to] == nil {
				chains[to] = append(slices.Clone(chains[next[0]]), to)
				next = append(next, to)
			}
		}
	}
	return chains
}

// check returns the violations in what a command links.
func (g links) check(command string) (problems []string) {
	chains := g.chains(command)
	name := path.Base(command)
	for to, may := range heavy {
		allowed := slices.Contains(may, name)
		switch chain := chains[to]; {
		case chain != nil && !allowed:
			problems = append(problems, name+" links "+to+", which costs it time at every start: "+strings.Join(chain, " -> "))
		case chain == nil && allowed:
			problems = append(problems, name+" may link "+to+", and doesn't any more")
		}
	}
	slices.Sort(problems)
	return problems
}

// TestLinks checks that each command links only the packages that it may.
func TestLinks(t *testing.T) {
	t.Parallel()
	g, commands := linked(t, source(t))
	if len(commands) == 0 {
		t.Fatal("there are no commands")
	}
	for _, command := range commands {
		for _, problem := range g.check(command) {
			t.Error(problem)
		}
	}
}

// TestLinksFaults tests that test.
func TestLinksFaults(t *testing.T) {
	t.Parallel()
	sound := func() links {
		return links{"m/zoneadm-go": {"fmt"}, "fmt": {"io"}, "m/zones-zfs": {"github.com/mistifyio/go-zfs/v4"},
			"github.com/mistifyio/go-zfs/v4": {"github.com/google/uuid"}, "github.com/google/uuid": {"crypto", "database/sql/driver"}}
	}
	for _, test := range []struct {
		name, command string
		fault         func(links)
		want          []string
	}{
		{"nothing wrong", "m/zoneadm-go", func(links) {}, nil},
		{"nothing wrong for who may", "m/zones-zfs", func(links) {}, nil},
		{"a heavy package behind others", "m/zoneadm-go", func(g links) { g["io"] = []string{"net/http"} },
			[]string{"zoneadm-go links net/http, which costs it time at every start: m/zoneadm-go -> fmt -> io -> net/http"}},
		{"what another command may", "m/zoneadm-go", func(g links) { g["io"] = []string{"crypto"} },
			[]string{"zoneadm-go links crypto, which costs it time at every start: m/zoneadm-go -> fmt -> io -> crypto"}},
		{"an exception that nothing needs", "m/zones-zfs", func(g links) { g["github.com/google/uuid"] = []string{"crypto"} },
			[]string{"zones-zfs may link database/sql/driver, and doesn't any more"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := sound()
			test.fault(g)
			if got := g.check(test.command); !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}
