// Package cli has what those commands share that parse their command lines as the
// originals do.
package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/version"
)

// Main runs a command and returns its exit status. run gets the arguments and parses them
// as the original does. Only --help, --version and completion, which the original doesn't
// have, are done by cobra, from the description in root.
func Main(root *cobra.Command, run func(args []string) int) int {
	args := os.Args[1:]
	if !added(args) {
		Welcome(root.Name())
		return run(args)
	}
	root.DisableFlagParsing, root.SilenceUsage, root.SilenceErrors = true, true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	version.Add(root)
	root.Flags().Bool("help", false, "this help")
	if strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		// They are options when nothing is beside them. That is known to what completes the
		// words, and cobra would propose them anywhere.
		root.Flags().Lookup("help").Hidden, root.Flags().Lookup("version").Hidden = true, true
	}
	root.RunE = func(c *cobra.Command, args []string) error {
		if args[0] == "--version" {
			fmt.Fprintln(c.OutOrStdout(), version.Line(c.Name()))
			return nil
		}
		return c.Help()
	}
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", root.Name(), err)
		return 1
	}
	return 0
}

// Welcome makes an ordinary user's own directory for zones at the first command, and then
// says where it is, on standard error.
func Welcome(command string) {
	line, err := locate.MakeRoot()
	if err != nil {
		line = err.Error()
	}
	if line != "" {
		fmt.Fprintf(os.Stderr, "%s: %s\n", command, line)
	}
}

// added reports whether the words are for what cobra adds.
func added(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case args[0] == "--help", args[0] == "--version":
		return len(args) == 1
	}
	return args[0] == "completion" || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
}
