package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"time"
)

func main() {
	n := flag.Int("n", 100, "mutants of each package; 0 is all of them")
	checks := flag.Bool("checks", false, "change only what code asks: negate or leave out conditions, swap comparisons")
	seed := flag.Uint64("seed", uint64(time.Now().Unix()), "seed of the sample")
	jobs := flag.Int("jobs", 2, "mutants tried at the same time")
	limit := flag.Duration("limit", 0, "time that the tests of one mutant may take (default five times as long as without a change, but 20s at least)")
	execute := flag.String("exec", "", "runs the test programs, as in go test -exec")
	files := flag.String("files", "", "change only the files whose names match this regular expression")
	short := flag.Bool("short", false, "run the short tests only; otherwise the others try what those don't notice")
	from := flag.String("from", "", "try the survivors in this output of an earlier run, and no others")
	with := flag.String("with", "", "packages, separated by spaces, whose tests are run too")
	verbose := flag.Bool("v", false, "print also the mutants that were noticed")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: mutate [-n 100] [-checks] [-seed N] [-jobs 2] [-limit TIME] [-exec COMMAND] [-files REGEXP] [-short] [-from FILE] [-with PACKAGES] [-v] PACKAGE...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 || *n < 0 || *jobs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	b := bench{jobs: *jobs, limit: *limit, exec: *execute, with: strings.Fields(*with), checks: *checks, short: *short, verbose: *verbose, out: os.Stdout}
	var err error
	if *from != "" {
		b.again, err = saved(*from)
	}
	if err == nil {
		b.files, err = regexp.Compile(*files)
	}
	if err == nil {
		err = b.all(flag.Args(), *n, *seed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// all tries the packages one after the other and prints their results again at the end.
func (b bench) all(packages []string, n int, seed uint64) error {
	var err error
	if b.dir, err = os.Getwd(); err != nil {
		return err
	}
	if n == 0 {
		n = math.MaxInt
	}
	if b.again == nil {
		fmt.Println("seed", seed)
	}
	var results []result
	for _, pkg := range packages {
		begin := time.Now()
		b.pkg = pkg
		r, err := b.run(n, seed)
		if err != nil {
			return err
		}
		fmt.Printf("%v (%v)\n", r, time.Since(begin).Round(time.Second))
		results = append(results, r)
	}
	if len(results) > 1 {
		fmt.Println()
		for _, r := range results {
			fmt.Println(r)
		}
	}
	return nil
}
