// Command zoneadm-go administers zones, as zoneadm(8) does.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/cli"
	"github.com/gozones/zones/internal/zoneadm"
)

func main() { os.Exit(cli.Main(command(), run)) }

// command describes the command to cobra, which adds completion and --help. The command
// line is parsed like zoneadm's, by getopt rules.
func command() *cobra.Command {
	return &cobra.Command{
		Use:   "zoneadm-go [-z zone | -u uuid] [-R root] [--json] subcommand",
		Short: "Administer zones",
		Long: `zoneadm-go installs, boots, halts and lists zones, as zoneadm(8) of illumos does.
On illumos it works on the system's zones; elsewhere on those of the embedded
kernel, which it starts when none runs. "zoneadm-go help" lists the subcommands;
"zoneadm-go host" prints which kernel this machine has and what it enforces.
boot, halt, ready, reboot, shutdown and verify also work on several zones in parallel:
repeat -z, or select zones with --all or, for boot, --autoboot.
boot, ready, halt and reboot take --trace FILE, which receives a trace of their steps
in the Chrome trace format.

Exit status: 0 success, 1 failure, 2 usage, 40 a failed sysboot hook; the state
changes of uninstall and mark exit with the number of their library error.`,
		Example: `  zoneadm-go list -cv
  zoneadm-go -z web install
  zoneadm-go -z web boot -- -m verbose
  zoneadm-go -z web -z db halt
  zoneadm-go boot --autoboot
  zoneadm-go list -c --json
  zoneadm-go host`,
		ValidArgsFunction: complete,
	}
}

// run is the command itself.
func run(args []string) int {
	t := zoneadm.NewTool()
	defer t.Close()
	return t.Run(args)
}

// complete returns completions for the next word.
func complete(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	t := zoneadm.NewTool()
	defer t.Close()
	words, files := t.Complete(args, word)
	if files && words == nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
