// Command zoneadm-go administers zones, as zoneadm(8) does.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/zoneadm"
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
kernel, which it starts when none runs. "zoneadm-go help" lists the subcommands;
"zoneadm-go host" tells what answers on this machine and what it makes true.
boot, ready, halt and reboot take --trace FILE: what took the time is written there
in the Chrome trace format.

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
			t := zoneadm.NewTool()
			defer t.Close()
			status = t.Run(args)
			return nil
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

// complete proposes what can stand behind the words that are there.
func complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	t := zoneadm.NewTool()
	defer t.Close()
	words, files := t.Complete(args)
	if files {
		return words, cobra.ShellCompDirectiveDefault
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
