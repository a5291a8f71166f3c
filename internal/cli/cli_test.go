package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/version"
)

func TestWords(t *testing.T) {
	for _, test := range []struct {
		words string
		own   bool   // run gets the arguments
		says  string // cobra's output
	}{
		{"", true, ""},
		{"list -v", true, ""},
		{"-z x list", true, ""},
		{"help", true, ""},
		{"list --help", true, ""},
		{"--help list", true, ""},
		{"--version list", true, ""},
		{"list --version", true, ""},
		{"-v", true, ""},
		{"--version", false, version.Line("test-go") + "\n"},
		{"list completion", true, ""},
		{"--help", false, "Usage:\n  test-go WORDS"},
		{"completion bash", false, "bash completion V2 for test-go"},
		{"__complete x", false, "proposed\n"},
		{"__completeNoDesc x", false, "proposed\n"},
		{"__completeNoDesc x --", false, "proposed\n:4\n"}, // not the options that stand alone
	} {
		t.Run(test.words, func(t *testing.T) {
			before := os.Args
			defer func() { os.Args = before }()
			os.Args = append([]string{"test-go"}, strings.Fields(test.words)...)
			var out bytes.Buffer
			root := &cobra.Command{Use: "test-go WORDS", ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return []string{"proposed"}, cobra.ShellCompDirectiveNoFileComp
			}}
			root.SetOut(&out)
			var got []string
			status := Main(root, func(args []string) int {
				got = append([]string{"called"}, args...)
				return 7
			})
			if test.own {
				if status != 7 || strings.Join(got[1:], " ") != test.words || out.Len() > 0 {
					t.Errorf("status %d, words %q, %s", status, got, &out)
				}
				return
			}
			if status != 0 || got != nil || !strings.Contains(out.String(), test.says) {
				t.Errorf("status %d, words %q, %s", status, got, &out)
			}
		})
	}
}
