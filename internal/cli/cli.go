// Package cli is what the commands share whose words are the original's own.
package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// Main runs a command and returns its exit status. The words go to run, which reads
// them as the original does. The original has neither a page for --help nor completion:
// for these, and only then, cobra is set to work with what root says of the command.
func Main(root *cobra.Command, run func(args []string) int) int {
	args := os.Args[1:]
	if !added(args) {
		return run(args)
	}
	root.DisableFlagParsing, root.SilenceUsage, root.SilenceErrors = true, true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", root.Name(), err)
		return 1
	}
	return 0
}

// added tells that the words ask for what cobra adds.
func added(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case args[0] == "--help":
		return len(args) == 1
	}
	return args[0] == "completion" || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
}
