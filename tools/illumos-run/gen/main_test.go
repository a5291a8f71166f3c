package main

import (
	"os"
	"strings"
	"testing"
)

func TestHeader(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		facts string
		want  []string
	}{
		"constants": {
			`{"constants": {"a": {"ONE": 1, "MINUS": -5, "BIG": 4294967295, "HUGE": 4294967296}}}`,
			[]string{"#define SUN_ONE 1\n", "#define SUN_MINUS (-5)\n", "#define SUN_BIG 0xffffffffU\n", "#define SUN_HUGE 0x100000000UL\n"},
		},
		"a constant of each data model": {
			`{"constants": {"a": {"LOCK": {"lp64": 14, "ilp32": 33}}}}`,
			[]string{"#define SUN_LOCK 14\n"},
		},
		"padding inside and at the end": {
			`{"structs": {"pair_t": {"size": 24, "align": 8, "fields": [
				{"name": "a", "offset": 0, "size": 4, "ctype": "int"},
				{"name": "b", "offset": 8, "size": 8, "ctype": "char *"},
				{"name": "c", "offset": 16, "size": 2, "ctype": "char[2]"}]}}}`,
			[]string{"struct sun_pair {\n\tint32_t a;\n\tunsigned char pad_at_4[4];\n\tvoid *b;\n\tchar c[2];\n\tunsigned char pad_at_18[6];\n} __attribute__((aligned(8)));"},
		},
		"a field off its alignment": {
			`{"structs": {"odd": {"size": 12, "align": 4, "fields": [
				{"name": "a", "offset": 0, "size": 4, "ctype": "uint32_t"},
				{"name": "b", "offset": 4, "size": 8, "ctype": "door_ptr_t"}]}}}`,
			[]string{"\tuint64_t b;\n} __attribute__((packed, aligned(4)));"},
		},
		"a structure in a structure": {
			`{"structs": {
				"outer": {"size": 16, "align": 8, "fields": [{"name": "t", "offset": 0, "size": 16, "ctype": "timestruc_t"}]},
				"struct timespec": {"size": 16, "align": 8, "fields": [{"name": "tv_sec", "offset": 0, "size": 8, "ctype": "time_t"}, {"name": "tv_nsec", "offset": 8, "size": 8, "ctype": "long"}]}}}`,
			[]string{"struct sun_timespec {\n\tint64_t tv_sec;\n\tint64_t tv_nsec;\n}", "struct sun_outer {\n\tstruct sun_timespec t;\n}"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, err := Header([]byte(test.facts))
			if err != nil {
				t.Fatal(err)
			}
			at := 0
			for _, want := range test.want {
				found := strings.Index(string(header[at:]), want)
				if found < 0 {
					t.Fatalf("the header lacks %q in\n%s", want, header)
				}
				if name != "constants" {
					at += found
				}
			}
		})
	}
}

func TestHeaderRefusesContradictions(t *testing.T) {
	t.Parallel()
	for name, facts := range map[string]string{
		"one name, two numbers": `{"constants": {"a": {"X": 1}, "b": {"X": 2}}}`,
		"fields over each other": `{"structs": {"s": {"size": 8, "align": 4, "fields": [
			{"name": "a", "offset": 0, "size": 4, "ctype": "int"}, {"name": "b", "offset": 2, "size": 4, "ctype": "int"}]}}}`,
		"no number": `{"constants": {"a": {"X": "1"}}}`,
	} {
		if _, err := Header([]byte(facts)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHeaderOfTheFacts(t *testing.T) {
	t.Parallel()
	facts, err := os.ReadFile("../../../testdata/abi/abi.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Header(facts); err != nil {
		t.Error(err)
	}
}
