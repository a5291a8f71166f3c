// Package cli is shared by the commands that parse their arguments as the originals
// do.
package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// Main runs a command and returns its exit status. run gets the arguments and parses
// them as the original does. Only --help and completion, which the original doesn't
// have, are handled by cobra, from the description in root.
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

// added reports whether the arguments are for cobra's additions.
func added(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case args[0] == "--help":
		return len(args) == 1
	}
	return args[0] == "completion" || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
}
