package zlogin

import (
	"slices"
	"strings"
	"testing"
)

// TestCompleteOptions: options are proposed where they may stand, and only with others that
// the command line may have beside them. The names of zones are tried in internal/scripts.
func TestCompleteOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, line, word string
		want             string
		files            bool
	}{
		{"first", "", "-", "-n -E -C -R -S -e -l -Q --exec --json --help --version", false},
		{"beside others", "-n -Q", "-", "-E -R -S -e -l --exec --json", false},
		{"for the console", "-C", "-", "-d -E -e -Q --json", false},
		{"for a user", "-l www", "-", "-n -E -R -e -Q --exec --json", false},
		{"a root", "-R", "", "", true},
		{"a user", "-l", "", "", false},
		{"behind the zone", "web", "-", "", false},
		{"behind an unknown option", "-x", "-", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			words, files, err := Complete(strings.Fields(test.line), test.word)
			want := strings.Fields(test.want)
			if !slices.Equal(words, want) || files != test.files || err != nil {
				t.Errorf("%q, %v, %v, want %q", words, files, err, want)
			}
		})
	}
	o, args := &Options{}, []string{"-C", "-d"}
	if _, err := o.options(args); err != nil || slices.Contains(o.proposed(false), "-d") {
		t.Errorf("given options are proposed again: %v", err)
	}
}
