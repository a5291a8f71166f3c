package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A place is where a mutant differs from the code, as it is printed.
type place struct {
	file         string // its path
	line, column int
	what         string // was changed
}

func (p place) String() string { return fmt.Sprintf("%s:%d:%d: %s", p.file, p.line, p.column, p.what) }

var printed = regexp.MustCompile(`^(\S+\.go):(\d+):(\d+): (.+)$`)

// saved returns the survivors in the output of an earlier run. Other lines are no survivors.
func saved(name string) ([]place, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var all []place
	for line := range strings.Lines(string(text)) {
		if m := printed.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			row, _ := strconv.Atoi(m[2])
			column, _ := strconv.Atoi(m[3])
			all = append(all, place{m[1], row, column, m[4]})
		}
	}
	if all == nil {
		return nil, fmt.Errorf("%s has no survivors", name)
	}
	return all, nil
}

// find returns those of the mutants that are at the places. Lines move: a place stands for
// the nearest mutant of its file which makes the same change, and no two for the same one.
// A place whose code has gone is printed.
func find(places []place, all []mutant, out io.Writer) []mutant {
	var found []mutant
	dir := path.Dir(filepath.ToSlash(all[0].file))
	taken := make([]bool, len(all))
	for _, p := range places {
		if path.Dir(p.file) != dir {
			continue
		}
		nearest, least := -1, 0
		for i, m := range all {
			if taken[i] || m.file != p.file || m.what != p.what {
				continue
			}
			const wide = 1 << 10 // no line has as many columns
			if far := wide*distance(m.line, p.line) + distance(m.column, p.column); nearest < 0 || far < least {
				nearest, least = i, far
			}
		}
		if nearest < 0 {
			fmt.Fprintln(out, "gone:", p)
			continue
		}
		taken[nearest] = true
		found = append(found, all[nearest])
	}
	return found
}

func distance(a, b int) int { return max(a-b, b-a) }
