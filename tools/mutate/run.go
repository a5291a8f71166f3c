package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fate is what became of a mutant.
type fate int

const (
	killed   fate = iota // a test failed, or took too long
	survived             // every test passed
	broken               // it doesn't compile, and says nothing about the tests
)

// bench tries the mutants of one package.
type bench struct {
	dir    string // of the module
	pkg    string
	with   []string // other packages, whose tests are run too
	jobs   int
	exec   string         // runs the test programs, as in go test -exec
	checks bool           // only what code asks is changed
	short  bool           // only the short tests; otherwise the others try the mutants that those don't notice
	limit  time.Duration  // of one run of the tests; 0 is five times as long as without a change
	again  []place        // if not nil, the only mutants that are tried
	files  *regexp.Regexp // if not nil, only files whose names match are changed

	verbose bool // prints also those that were noticed
	out     io.Writer
}

// result counts the fates.
type result struct {
	pkg             string
	tried, survived int
}

func (r result) String() string {
	return fmt.Sprintf("%s: %d of %d mutants survive, %.0f %%", r.pkg, r.survived, r.tried, 100*float64(r.survived)/float64(max(r.tried, 1)))
}

// run tries n mutants of the package, in the order of the seed, and prints the survivors.
func (b bench) run(n int, seed uint64) (result, error) {
	all, err := b.mutants()
	if err != nil {
		return result{}, err
	}
	if b.again != nil {
		all = find(b.again, all, b.out)
		n = len(all)
	} else {
		random := rand.New(rand.NewPCG(seed, seed))
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	given := b.limit != 0
	for _, tests := range b.stages() {
		status, out := b.test(tests, nil, 10*time.Minute)
		if status != survived {
			return result{}, fmt.Errorf("%s: its tests fail without a change:\n%s", b.pkg, out)
		}
		if !given {
			b.limit = max(b.limit, 20*time.Second, 5*took(out))
		}
	}
	var (
		mu      sync.Mutex
		workers sync.WaitGroup
		r       = result{pkg: b.pkg}
		failure error
		next    int
	)
	// Mutants that don't compile aren't counted: the next ones take their places.
	take := func() (m mutant, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(all) || r.tried >= n || failure != nil {
			return mutant{}, false
		}
		r.tried++
		next++
		return all[next-1], true
	}
	for range b.jobs {
		workers.Go(func() {
			for {
				m, ok := take()
				if !ok {
					return
				}
				status, err := b.try(m)
				mu.Lock()
				switch {
				case err != nil:
					failure = errors.Join(failure, err)
				case status == broken:
					r.tried--
				case status == survived:
					r.survived++
					fmt.Fprintln(b.out, m)
				case b.verbose:
					fmt.Fprintln(b.out, "noticed:", m)
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return r, failure
}

// mutants returns every mutant of the package's files, of those that are built for this
// system, or for the one that GOOS names.
func (b bench) mutants() ([]mutant, error) {
	list := exec.Command("go", "list", "-json=Dir,GoFiles", b.pkg)
	list.Dir, list.Stderr = b.dir, os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", b.pkg, err)
	}
	var found struct {
		Dir     string
		GoFiles []string
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, err
	}
	var all []mutant
	for _, name := range found.GoFiles {
		if b.files != nil && !b.files.MatchString(name) {
			continue
		}
		path := filepath.Join(found.Dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		more, err := mutants(path, text)
		if err != nil {
			return nil, err
		}
		if b.checks {
			more = slices.DeleteFunc(more, func(m mutant) bool { return !m.check })
		}
		all = append(all, more...)
	}
	if all == nil {
		return nil, fmt.Errorf("%s: nothing in it can be changed", b.pkg)
	}
	for i := range all {
		if short, err := filepath.Rel(b.dir, all[i].file); err == nil {
			all[i].file = short
		}
	}
	return all, nil
}

// try runs the tests on a mutant.
func (b bench) try(m mutant) (fate, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return broken, err
	}
	defer os.RemoveAll(dir)
	changed := filepath.Join(dir, filepath.Base(m.file))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(b.dir, m.file): changed}})
	if err == nil {
		err = errors.Join(os.WriteFile(changed, m.text, 0o600), os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	}
	if err != nil {
		return broken, err
	}
	for _, tests := range b.stages() {
		status, _ := b.test(tests, []string{"-overlay", filepath.Join(dir, "overlay.json")}, b.limit)
		if status != survived {
			return status, nil
		}
	}
	return survived, nil
}

// The tests that try a mutant, as arguments of go test: most are noticed by the short ones.
const (
	short = "-short"
	long  = "-short=false"
)

func (b bench) stages() []string {
	if b.short {
		return []string{short}
	}
	return []string{short, long}
}

// test runs the package's tests. The limit is theirs; the build may take a minute.
func (b bench) test(tests string, options []string, limit time.Duration) (fate, string) {
	ctx, cancel := context.WithTimeout(context.Background(), limit+time.Minute)
	defer cancel()
	arguments := append([]string{"test", tests, "-failfast", "-count=1", "-vet=off", "-timeout", limit.String()}, options...)
	if b.exec != "" {
		arguments = append(arguments, "-exec", b.exec)
	}
	c := exec.CommandContext(ctx, "go", append(append(arguments, b.pkg), b.with...)...)
	c.Dir = b.dir
	// A property that a mutant breaks is no case to keep in testdata.
	c.Env = append(os.Environ(), "RAPID_NOFAILFILE=true")
	c.WaitDelay = time.Second
	out, err := c.CombinedOutput()
	switch {
	case err == nil:
		return survived, string(out)
	case strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]"):
		return broken, string(out)
	}
	return killed, string(out)
}

var passed = regexp.MustCompile(`(?m)^ok\s+\S+\s+(\S+)s`)

// took returns the time in the output of tests that passed.
func took(out string) time.Duration {
	total := 0.0
	for _, m := range passed.FindAllStringSubmatch(out, -1) {
		seconds, _ := strconv.ParseFloat(m[1], 64)
		total += seconds
	}
	return time.Duration(total * float64(time.Second))
}
