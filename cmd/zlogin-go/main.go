// Command zlogin-go enters a zone, as zlogin(1) does.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/zlogin"
	"github.com/gozones/zones/zoneadm"
)

func main() { os.Exit(run()) }

// run returns the exit status. The command line is zlogin's own, in which options
// stand as getopt has them and end with the zone's name; cobra adds completion and
// the page that --help shows.
func run() int {
	status := zlogin.ExitOK
	root := &cobra.Command{
		Use:   "zlogin-go [-dnQCES] [-e c] [-l user] [--exec] zone [command [argument ...]]",
		Short: "Enter a zone",
		Long: `zlogin-go opens a session in a running zone, runs a command in it, or talks to
the zone's console (-C), as zlogin(1) of illumos does. In a session and on the
console, "~." at the beginning of a line disconnects.

The words of a command reach zones of brands sparse and tar unchanged; a single
word goes to the zone's shell. In zones of illumos brands the zone's shell reads
the command anew, unless --exec says that the words are the program's own.

  -C  console        -d  with -C: leave when the zone halts
  -l  user           -S  without login and su
  -n  no input       -Q  no lines about the connection
  -e  escape character                -E  no escapes
  --exec  run the command without a shell, whatever the brand

Exit status: that of the command; 0 for sessions; 1 when the zone can't be
entered; 2 usage; 127 when there is no such command.`,
		Example: `  zlogin-go web
  zlogin-go web ps -ef
  zlogin-go web 'ps -ef | wc -l'
  zlogin-go -C -d web`,
		DisableFlagParsing: true,
		SilenceUsage:       true,
		SilenceErrors:      true,
		ValidArgsFunction:  complete,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "--help" {
				return c.Help()
			}
			machine, kernel, err := zoneadm.Open()
			if err != nil {
				status = zlogin.ExitFailed
				return err
			}
			defer kernel.Close()
			status = zlogin.NewTool(machine, kernel).Run(args)
			return nil
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "zlogin-go:", err)
		return zlogin.ExitFailed
	}
	return status
}

// complete proposes the zones that run.
func complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	machine, kernel, err := zoneadm.Open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	defer kernel.Close()
	zones, _, _ := machine.List(zoneadm.Selection{NoGlobal: true})
	var names []string
	for _, z := range zones {
		names = append(names, z.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
