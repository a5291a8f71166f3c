// Command zoneadm-go administers zones, as zoneadm(8) does.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/zoneadm"
)

func main() { os.Exit(run()) }

// run returns the exit status. The command line is zoneadm's own, in which options
// stand as getopt has them; cobra adds completion and the page that --help shows.
func run() int {
	status := zoneadm.ExitOK
	root := &cobra.Command{
		Use:   "zoneadm-go [-z zone | -u uuid] [-R root] [--json] subcommand",
		Short: "Administer zones",
		Long: `zoneadm-go installs, boots, halts and lists zones, as zoneadm(8) of illumos does.
On illumos it works on the system's zones; elsewhere on those of the embedded
kernel, which it starts when none runs. "zoneadm-go help" lists the subcommands.

Exit status: 0 success, 1 failure, 2 usage, 40 a failed sysboot hook; the state
changes of uninstall and mark exit with the number of their library error.`,
		Example: `  zoneadm-go list -cv
  zoneadm-go -z web install
  zoneadm-go -z web boot -- -m verbose
  zoneadm-go list -c --json
  zoneadm-go host`,
		DisableFlagParsing: true,
		SilenceUsage:       true,
		SilenceErrors:      true,
		ValidArgsFunction:  complete,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "--help" {
				return c.Help()
			}
			var err error
			status, err = administer(args)
			return err
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "zoneadm-go:", err)
		return zoneadm.ExitFailed
	}
	return status
}

func administer(args []string) (int, error) {
	machine, kernel, err := zoneadm.Open()
	if err != nil {
		return zoneadm.ExitFailed, err
	}
	defer kernel.Close()
	return zoneadm.NewTool(machine, kernel).Run(args), nil
}

// complete proposes zones behind -z, and subcommands.
func complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 && args[len(args)-1] == "-z" {
		machine, kernel, err := zoneadm.Open()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		defer kernel.Close()
		zones, _, _ := machine.List(zoneadm.Selection{Configured: true, NoGlobal: true})
		var names []string
		for _, z := range zones {
			names = append(names, z.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return zoneadm.Verbs(), cobra.ShellCompDirectiveNoFileComp
}
