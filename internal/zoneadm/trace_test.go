package zoneadm

import (
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/getopt"
)

func TestTraceOption(t *testing.T) {
	for _, test := range []struct{ args, file, rest string }{
		{"", "", ""},
		{"-s -- -m verbose", "", "-s -- -m verbose"},
		{"--trace t.json -s", "t.json", "-s"},
		{"-f --trace=t.json -- --trace x", "t.json", "-f -- --trace x"},
		{"operand --trace x", "", "operand --trace x"},
		{"--trace", "no file", ""},
		{"--trace=", "no file", ""},
		{"--traces x", "", "--traces x"},
	} {
		rest, file, asked := getopt.Long(strings.Fields(test.args), "", traceOption, true)
		if asked && file == "" {
			file = "no file"
		}
		if file != test.file || !slices.Equal(rest, strings.Fields(test.rest)) {
			t.Errorf("%q: file %q, rest %q", test.args, file, rest)
		}
	}
}
