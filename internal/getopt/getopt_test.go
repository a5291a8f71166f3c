package getopt_test

import (
	"reflect"
	"testing"

	"github.com/gozones/zones/internal/getopt"
)

func TestParse(t *testing.T) {
	type options = []getopt.Option
	for _, test := range []struct {
		name     string
		args     []string
		letters  string
		options  options
		operands []string
		said     string
	}{
		{"nothing", nil, "a", nil, nil, ""},
		{"letters together", []string{"-ab", "-c"}, "abc", options{{'a', ""}, {'b', ""}, {'c', ""}}, nil, ""},
		{"an argument glued to its letter", []string{"-zweb", "x"}, "z:", options{{'z', "web"}}, []string{"x"}, ""},
		{"an argument in the next word", []string{"-vz", "-web", "x"}, "vz:", options{{'v', ""}, {'z', "-web"}}, []string{"x"}, ""},
		{"an empty argument", []string{"-z", ""}, "z:", options{{'z', ""}}, nil, ""},
		{"two dashes end the options", []string{"-a", "--", "-b"}, "ab", options{{'a', ""}}, []string{"-b"}, ""},
		{"so does an operand", []string{"x", "-a"}, "a", nil, []string{"x", "-a"}, ""},
		{"a single dash is an operand", []string{"-", "-a"}, "a", nil, []string{"-", "-a"}, ""},
		{"an unknown letter", []string{"-xa"}, "a", options{{'?', "x"}, {'a', ""}}, nil, "illegal option -- x"},
		{"a colon is no letter", []string{"-:"}, "z:", options{{'?', ":"}}, nil, "illegal option -- :"},
		{"a long option", []string{"--all", "-a"}, "a", options{{'?', "-"}, {'a', ""}}, nil, "illegal option -- all"},
		{"a bracket is no letter", []string{"-("}, "a", options{{'?', "("}}, nil, "illegal option -- ("},
		{"a letter of two bytes", []string{"-é"}, "a", options{{'?', "\xc3"}, {'?', "\xa9"}}, nil, "illegal option -- \xc3illegal option -- \xa9"},
		{"a missing argument", []string{"-z"}, "z:", options{{'?', "z"}}, nil, "option requires an argument -- z"},
		{"the question", []string{"-?"}, "?a", options{{'?', "?"}}, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var said string
			got, operands := getopt.Parse(test.args, test.letters, func(text string) { said += text })
			if !reflect.DeepEqual(got, test.options) || said != test.said || !reflect.DeepEqual(operands, test.operands) && len(operands)+len(test.operands) > 0 {
				t.Errorf("options %v, operands %q, said %q", got, operands, said)
			}
		})
	}
	if (getopt.Option{Letter: '?', Argument: "x"}).Asked() || !(getopt.Option{Letter: '?', Argument: "?"}).Asked() {
		t.Error("a question isn't told from an unknown letter")
	}
}
