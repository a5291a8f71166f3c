package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The guest's run.sh and the tests of Go, which run with -test.v=test2json, begin each of
// their lines with this byte. It can also stand within a line: a test need not end its
// output with a newline.
const mark = 0x16

// outcome is how a test ended.
type outcome string

const (
	running outcome = "did not end"
	pass    outcome = "PASS"
	fail    outcome = "FAIL"
	skip    outcome = "SKIP"
)

// result is a test or a subtest.
type result struct {
	name    string
	outcome outcome
	time    string // seconds
	output  strings.Builder
}

// suite is the tests of one package, run by one user.
type suite struct {
	who, name string
	tests     []*result
	status    string // exit status of the test program; empty while it runs
	output    strings.Builder
}

// results are everything that the tests printed.
type results struct{ suites []*suite }

func (s *suite) bad() bool {
	if s.status != "0" {
		return true
	}
	return s.count(fail) > 0 || s.count(running) > 0
}

func (s *suite) count(o outcome) (n int) {
	for _, t := range s.tests {
		if t.outcome == o {
			n++
		}
	}
	return n
}

// passed reports whether there are results and all are good.
func (r *results) passed() bool {
	for _, s := range r.suites {
		if s.bad() {
			return false
		}
	}
	return len(r.suites) > 0
}

// reader returns the writer for what run.sh prints for one user.
func (r *results) reader(who string) *stream {
	return &stream{results: r, who: who}
}

// stream reads the output of run.sh.
type stream struct {
	results *results
	who     string
	line    []byte
	suite   *suite
	test    *result
	ended   bool
}

func (s *stream) Write(p []byte) (int, error) {
	s.line = append(s.line, p...)
	for {
		end := bytes.IndexByte(s.line, '\n')
		if end < 0 {
			return len(p), nil
		}
		s.take(string(s.line[:end+1]))
		s.line = s.line[end+1:]
	}
}

// close reads what is left and reports whether run.sh came to its end.
func (s *stream) close() bool {
	if len(s.line) > 0 {
		s.take(string(s.line))
	}
	return s.ended
}

func (s *stream) take(line string) {
	before, event, marked := strings.Cut(line, string(rune(mark)))
	if before != "" {
		s.print(before)
	}
	if !marked {
		return
	}
	words := strings.Fields(event)
	if len(words) < 2 {
		s.print(event)
		return
	}
	kind, rest := words[0]+" "+words[1], strings.Join(words[2:], " ")
	switch kind {
	case "=== PACKAGE":
		s.suite, s.test = &suite{who: s.who, name: rest}, nil
		s.results.suites = append(s.results.suites, s.suite)
	case "=== EXIT":
		if s.suite != nil {
			s.suite.status = rest
		}
		s.suite, s.test = nil, nil
	case "=== END":
		s.ended = true
	case "=== RUN", "=== NAME", "=== CONT", "=== PAUSE":
		s.test = s.find(rest, kind == "=== RUN")
	case "--- PASS:", "--- FAIL:", "--- SKIP:":
		name, took, _ := strings.Cut(rest, " (")
		if t := s.find(name, true); t != nil {
			t.outcome = outcome(strings.Trim(words[1], ":"))
			took, after, _ := strings.Cut(took, "s)")
			t.time = took
			s.test = t
			if after != "" { // a panic
				s.print(after + "\n")
			}
		}
	default:
		s.print(event)
	}
}

// find returns the last test of that name, nil outside of packages.
func (s *stream) find(name string, create bool) *result {
	if s.suite == nil || name == "" {
		return nil
	}
	for i := len(s.suite.tests) - 1; i >= 0; i-- {
		if s.suite.tests[i].name == name {
			return s.suite.tests[i]
		}
	}
	if !create {
		return nil
	}
	t := &result{name: name, outcome: running}
	s.suite.tests = append(s.suite.tests, t)
	return t
}

// mostOutput is what is kept of one test's output: a test in an endless loop must not fill
// the memory. The logs have everything.
const mostOutput = 256 << 10

func (s *stream) print(text string) {
	to := func(b *strings.Builder) {
		if b.Len() < mostOutput {
			b.WriteString(text)
		}
	}
	switch {
	case s.test != nil:
		to(&s.test.output)
	case s.suite != nil:
		to(&s.suite.output)
	}
}

// write writes results.txt and junit.xml, and prints the summary.
func (r *results) write(dir string, say io.Writer) error {
	text := r.text()
	x, err := r.junit()
	if err != nil {
		return err
	}
	if len(r.suites) > 0 {
		fmt.Fprint(say, text)
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "results.txt"), []byte(text), 0o644),
		os.WriteFile(filepath.Join(dir, "junit.xml"), x, 0o644))
}

// text is one line for a package that is good, and the output of what is not.
func (r *results) text() string {
	var b strings.Builder
	var passed, failed, skipped, bad int
	for _, s := range r.suites {
		verdict := "ok"
		if s.bad() {
			verdict = "FAILED"
			bad++
		}
		fmt.Fprintf(&b, "%-7s %-5s %s: %d passed, %d failed, %d skipped\n", verdict, s.who, s.name, s.count(pass), s.count(fail)+s.count(running), s.count(skip))
		passed, failed, skipped = passed+s.count(pass), failed+s.count(fail)+s.count(running), skipped+s.count(skip)
		if !s.bad() {
			continue
		}
		for _, t := range s.tests {
			if t.outcome == fail || t.outcome == running {
				fmt.Fprintf(&b, "  %s: %s\n%s", t.outcome, t.name, indent(t.output.String()))
			}
		}
		if s.status != "0" && s.count(fail) == 0 {
			fmt.Fprintf(&b, "  %s\n%s", s.ending(), indent(s.output.String()))
		}
	}
	fmt.Fprintf(&b, "%d packages, %d of them failed; %d tests passed, %d failed, %d skipped\n", len(r.suites), bad, passed, failed, skipped)
	return b.String()
}

// ending says how the test program ended if not well.
func (s *suite) ending() string {
	if s.status == "" {
		return "the test program did not end"
	}
	return "the test program exited with status " + s.status
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + strings.TrimRight(line, "\r\n") + "\n")
	}
	return b.String()
}
