package main

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// The elements of JUnit's XML that its readers agree on.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		Time    string       `xml:"time,attr"`
		Failure *junitReason `xml:"failure"`
		Error   *junitReason `xml:"error"`
		Skipped *junitReason `xml:"skipped"`
	}
	junitReason struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit renders the results as JUnit's XML. A test that didn't end is an error, and so is a
// test program that failed outside of its tests.
func (r *results) junit() ([]byte, error) {
	var all junitSuites
	for _, s := range r.suites {
		x := junitSuite{Name: s.who + "/" + s.name}
		var seconds float64
		for _, t := range s.tests {
			c := junitCase{Class: x.Name, Name: t.name, Time: t.time}
			if n, err := strconv.ParseFloat(t.time, 64); err == nil && !strings.Contains(t.name, "/") {
				seconds += n // a test's time includes that of its subtests
			}
			reason := &junitReason{Message: firstLine(t.output.String()), Text: t.output.String()}
			switch t.outcome {
			case fail:
				c.Failure = reason
			case skip:
				c.Skipped = reason
			case running:
				reason.Message = string(running)
				c.Error = reason
			}
			x.Cases = append(x.Cases, c)
		}
		x.Failures, x.Errors, x.Skipped = s.count(fail), s.count(running), s.count(skip)
		if s.status != "0" && s.count(fail)+s.count(running) == 0 {
			x.Errors++
			x.Cases = append(x.Cases, junitCase{Class: x.Name, Name: "(package)", Error: &junitReason{Message: s.ending(), Text: s.output.String()}})
		}
		x.Tests = len(x.Cases)
		x.Time = strconv.FormatFloat(seconds, 'f', 2, 64)
		all.Suites = append(all.Suites, x)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
