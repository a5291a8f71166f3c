package version

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/spf13/cobra"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	module := func(version string) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Path: "github.com/gozones/zones", Version: version}}
	}
	for _, test := range []struct {
		name, given string
		info        *debug.BuildInfo
		want        string
	}{
		{"what make says", "v1.2.3-4-g0123456789ab", module("(devel)"), "v1.2.3-4-g0123456789ab"},
		{"what make says comes first", "v1.2.3", module("v1.0.0"), "v1.2.3"},
		{"go install of a release", "", module("v1.0.0"), "v1.0.0"},
		{"go build in a tree", "", module("(devel)"), "devel"},
		{"a test", "", module(""), "devel"},
		{"no information", "", nil, "devel"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := choose(test.given, test.info); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	want := fmt.Sprintf("zones-test %s (%s, %s/%s)", String(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if got := Line("zones-test"); got != want || !regexp.MustCompile(`^zones-test \S+ \(\S+, [a-z]+/[a-z0-9]+\)$`).MatchString(got) {
		t.Errorf("%q", got)
	}
}

// TestAdd: the option has no letter, since -v is unknown to the originals.
func TestAdd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, word string
		ran, fails bool
		want       string
	}{
		{"the option", "--version", false, false, Line("zones-test") + "\n"},
		{"no letter", "-v", false, true, ""},
		{"another word", "word", true, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			ran := false
			c := &cobra.Command{Use: "zones-test", SilenceUsage: true, SilenceErrors: true, Args: cobra.ArbitraryArgs, Run: func(*cobra.Command, []string) { ran = true }}
			Add(c)
			c.SetArgs([]string{test.word})
			c.SetOut(&out)
			if err := c.Execute(); (err != nil) != test.fails || ran != test.ran || out.String() != test.want {
				t.Errorf("%v, ran %v, %q", err, ran, &out)
			}
		})
	}
}
