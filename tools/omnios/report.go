package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// report makes results of what run.sh has printed on a machine that something else started.
func report(args []string, out, errs io.Writer) int {
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Usage = func() {
		fmt.Fprintln(errs, "usage: report [-o DIR] WHO=FILE ...\n\nWrites results.txt and junit.xml of the output of run.sh WHO.")
		f.PrintDefaults()
	}
	dir := f.String("o", "omnios-results", "`directory` for the results")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return wrongUsage
	case f.NArg() == 0:
		f.Usage()
		return wrongUsage
	}
	r := new(results)
	var failed error
	for _, arg := range f.Args() {
		who, path, found := strings.Cut(arg, "=")
		if !found {
			fmt.Fprintf(errs, "report: %s is not WHO=FILE\n", arg)
			return wrongUsage
		}
		failed = errors.Join(failed, r.read(who, path))
	}
	failed = errors.Join(failed, os.MkdirAll(*dir, 0o755), r.write(*dir, out))
	switch {
	case failed != nil:
		fmt.Fprintf(errs, "report: %v\n", failed)
		return noResult
	case !r.passed():
		return testsFailed
	}
	return 0
}

// read adds the output of run.sh to the results.
func (r *results) read(who, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	s := r.reader(who)
	if _, err := io.Copy(s, file); err != nil {
		return err
	}
	if !s.close() {
		return fmt.Errorf("%s: the tests as %s did not end", path, who)
	}
	return nil
}
