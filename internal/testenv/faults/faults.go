// Package faults makes calls of the system fail in tests of the illumos build, where
// illumos-run runs them: most errors that a binding looks at never happen there.
// docs/illumos-run.md says how to ask for one.
package faults

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
)

const (
	ask = "/illumos-run/fault/"
	// Usual is an error that no call returns and no binding treats in its own way.
	Usual = errno.EDOM
	// most is how many calls a test may make: one that repeats a failing call for ever ends.
	most = 1000
)

// Need skips the test where no call can be made to fail. Under the runner of make test none
// is skipped.
func Need(tb testing.TB) {
	tb.Helper()
	_, err := os.Readlink(ask + "end")
	if ok, _ := testenv.Has(testenv.Embedded); err != nil && ok && runtime.GOOS == "illumos" {
		tb.Fatal(err)
	}
	testenv.Need(tb, testenv.Given("calls that fail, which illumos-run makes", err))
}

// A Fault is what calls are to fail.
type Fault struct {
	Call  int         // which call of those, from 1; 0 is the first
	Count int         // how many fail, one after the other; 0 is one
	Errno errno.Errno // 0 is Usual
	Of    []string    // the functions of libc; none are all that Go's runtime doesn't call by itself
	Any   bool        // the calls of any thread; otherwise those of the one that calls Do
}

func (f Fault) number() errno.Errno { return cmp.Or(f.Errno, Usual) }

func (f Fault) text() string {
	names := "*"
	if len(f.Of) > 0 {
		names = strings.Join(f.Of, ",")
	}
	return fmt.Sprintf("%d+%d/%d/%s", max(f.Call, 1), max(f.Count, 1), f.number(), names)
}

// Is reports whether an error is that of the call that failed.
func (f Fault) Is(err error) bool {
	e, ok := errno.Of(err)
	return ok && e == f.number() || errors.Is(err, f.number())
}

// Do calls do, in which one call fails, and returns its error and the name of the function
// that failed; it is empty if do made fewer calls.
func (f Fault) Do(tb testing.TB, do func() error) (failed string, err error) {
	tb.Helper()
	scope := "thread/"
	if f.Any {
		scope = "process/"
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, err := os.Readlink(ask + scope + f.text()); err != nil {
		tb.Fatal(err)
	}
	err = do()
	failed, end := os.Readlink(ask + "end")
	if end != nil {
		tb.Fatal(end)
	}
	return strings.TrimPrefix(failed, "-"), err
}

// Each calls do again and again, and lets its first call fail, its second, and so on. check
// gets the name of the function that failed and what do returned then. It returns the names
// of those that failed.
func (f Fault) Each(tb testing.TB, do func() error, check func(failed string, err error)) []string {
	tb.Helper()
	var all []string
	for f.Call = 1; f.Call <= most; f.Call++ {
		failed, err := f.Do(tb, do)
		if failed == "" {
			if err != nil {
				tb.Errorf("no call failed: %v", err)
			}
			return all
		}
		all = append(all, failed)
		check(failed, err)
	}
	tb.Fatal("do calls without end")
	return nil
}

// Noticed is Each for a do that returns the error of each call. For the functions in others
// it may be another error. do must have called something.
func (f Fault) Noticed(tb testing.TB, do func() error, others ...string) {
	tb.Helper()
	all := f.Each(tb, do, func(failed string, err error) {
		if !f.Is(err) && (err == nil || !slices.Contains(others, failed)) {
			tb.Errorf("a call of %s failed, and the error is %v", failed, err)
		}
	})
	if len(all) == 0 {
		tb.Error("nothing was called")
	}
}

// Child returns the variable of the environment that makes a call fail in the programs that
// get it, and a function that returns the names of the functions that have failed since.
func (f Fault) Child(tb testing.TB) (variable string, failed func() string) {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "failed")
	return "ILLUMOS_RUN_FAULT=" + f.text() + ":" + file, func() string {
		text, _ := os.ReadFile(file)
		os.Remove(file)
		return string(text)
	}
}
