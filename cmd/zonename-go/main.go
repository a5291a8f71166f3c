// Command zonename-go prints the name of the zone that it runs in, as zonename(1) does.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/cli"
	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/internal/zoneadm"
)

func main() { os.Exit(cli.Main(command(), run)) }

// command describes the command to cobra, which adds completion and --help.
func command() *cobra.Command {
	return &cobra.Command{
		Use:   "zonename-go [-t]",
		Short: "Print the name of the current zone",
		Long: `zonename-go prints the name of the zone that it runs in: "global" outside of any
other zone. With -t it prints how that zone uses the network, "shared" or "exclusive".

Exit status: 0 success, 1 failure.`,
		Example: `  zonename-go
  zonename-go -t`,
		ValidArgsFunction: complete,
	}
}

// complete returns the options.
func complete(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 || !strings.HasPrefix(word, "-") {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"-t", "--help", "--version"}, cobra.ShellCompDirectiveNoFileComp
}

// run prints the name or, with -t, the IP type. Like zonename(1), it ignores unknown
// options and operands.
func run(args []string) int {
	options, _ := getopt.Parse(args, "t", nil)
	print, problem := zoneadm.OwnName, "could not determine zone name"
	for _, o := range options {
		if o.Letter == 't' {
			print, problem = zoneadm.OwnIPType, "could not determine zone IP type"
		}
	}
	text, err := print()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", problem, err)
		return 1
	}
	if _, err := fmt.Println(text); err != nil {
		fmt.Fprintf(os.Stderr, "could not write the zone name: %v\n", err)
		return 1
	}
	return 0
}
