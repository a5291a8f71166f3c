package getopt_test

import (
	"reflect"
	"strings"
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
		{"a dash among letters", []string{"-a-b"}, "ab", options{{'a', ""}, {'?', "-"}, {'b', ""}}, nil, "illegal option -- -"},
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
		t.Error("-? is mistaken for an unknown letter")
	}
}

func TestLong(t *testing.T) {
	for _, test := range []struct {
		name    string
		args    string
		letters string
		valued  bool
		rest    string
		value   string
		found   bool
	}{
		{"none", "-a x", "a", false, "-a x", "", false},
		{"first", "--long -a x", "a", false, "-a x", "", true},
		{"between", "-a --long -b x", "ab", false, "-a -b x", "", true},
		{"twice", "--long --long x", "", false, "x", "", true},
		{"behind an operand", "x --long", "", false, "x --long", "", false},
		{"behind two dashes", "-- --long", "", false, "-- --long", "", false},
		{"an argument of a letter", "-z --long x", "z:", false, "-z --long x", "", false},
		{"an argument of the last of several letters", "-az --long x", "az:", false, "-az --long x", "", false},
		{"behind a letter with its argument", "-zweb --long x", "z:", false, "-zweb x", "", true},
		{"behind another long option", "--az --long x", "az:", false, "--az x", "", true},
		{"a longer name", "--longer", "", false, "--longer", "", false},
		{"a value where there is none", "--long=x", "", false, "--long=x", "", false},
		{"a value in the next word", "-a --long v x", "a", true, "-a x", "v", true},
		{"a value behind the sign", "--long=v=w x", "", true, "x", "v=w", true},
		{"no value", "--long", "", true, "", "", true},
		{"the last value", "--long=v --long w x", "", true, "x", "w", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			rest, value, found := getopt.Long(strings.Fields(test.args), test.letters, "long", test.valued)
			if got := strings.Join(rest, " "); got != test.rest || value != test.value || found != test.found {
				t.Errorf("%q, value %q, %v", got, value, found)
			}
		})
	}
}

func TestPending(t *testing.T) {
	for _, test := range []struct {
		name, args string
		want       byte
	}{
		{"nothing", "", 0},
		{"a letter that takes one", "-z", 'z'},
		{"the last of several letters", "-az", 'z'},
		{"an argument that is there", "-z web", 0},
		{"an argument like the letter", "-z -z", 0},
		{"an argument glued to its letter", "-zweb", 0},
		{"a letter that takes none", "-a", 0},
		{"another letter before", "-z web -R", 'R'},
		{"behind an operand", "x -z", 0},
		{"behind two dashes", "-- -z", 0},
		{"a long option", "--z", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := getopt.Pending(strings.Fields(test.args), "az:R:"); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestShort(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"none", "-z web x", "-z web x"},
		{"without an argument", "--run -z web", "-r -z web"},
		{"an argument in the next word", "--zone web x", "-z web x"},
		{"an argument behind an equals sign", "--zone=web=x x", "-z web=x x"},
		{"an argument like an option", "--zone --run --run", "-z --run -r"},
		{"an argument of a letter", "-rz --run --run", "-rz --run -r"},
		{"no argument", "--run --zone", "-r -z"},
		{"an argument that nothing takes", "--run=x", "--run=x"},
		{"an unknown one", "--runs --run", "--runs -r"},
		{"a single dash", "-run", "-run"},
		{"behind an operand", "x --run", "x --run"},
		{"behind two dashes", "-- --run", "-- --run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := getopt.Short(strings.Fields(test.args), "?rz:", map[string]byte{"run": 'r', "zone": 'z'})
			if strings.Join(got, " ") != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	if got := getopt.Short([]string{"--zone="}, "z:", map[string]byte{"zone": 'z'}); !reflect.DeepEqual(got, []string{"-z", ""}) {
		t.Errorf("an empty argument: %q", got)
	}
}
