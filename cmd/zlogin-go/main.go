// Command zlogin-go enters a zone, as zlogin(1) does.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/cli"
	"github.com/gozones/zones/internal/zlogin"
)

func main() { os.Exit(cli.Main(command(), run)) }

// command describes the command to cobra. The command line itself is parsed like
// zlogin's: options by getopt rules, up to the zone's name.
func command() *cobra.Command {
	return &cobra.Command{
		Use:   "zlogin-go [-dnQCES] [-e c] [-l user] [--exec] [--json] zone [command [argument ...]]",
		Short: "Enter a zone",
		Long: `zlogin-go runs a command in a running zone, opens a session on a terminal of the
zone's own, or talks to the zone's console (-C), as zlogin(1) of illumos does. In a
session and on the console, "~." at the beginning of a line disconnects.

The words of a command reach zones of brands sparse and tar unchanged; a single
word goes to the zone's shell. In zones of illumos brands the zone's shell reads
the words anew, unless --exec says that they are the program's own.

  -C  console        -d  with -C: leave when the zone halts
  -l  user           -S  without login, su and a look-up of the user
  -n  no input       -Q  no lines about the connection
  -e  escape character                -E  no escapes
  -R  alternate root, of a zone that is mounted there
  --exec  run the words without a shell, whatever the brand
  --json  diagnostics, and how the command ended, as JSON on standard error

Exit status: that of the command, 0 when a signal ended it; 0 for sessions and the
console; 1 when there is no session; 2 usage; 126 and 127 when a command that is run
without a shell can't be executed or isn't there.`,
		Example: `  zlogin-go web
  zlogin-go web ps -ef
  zlogin-go web 'ps -ef | wc -l'
  zlogin-go -l www --exec web /opt/app/bin/check '*'
  zlogin-go -C -d web`,
		ValidArgsFunction: complete,
	}
}

// run is the command itself.
func run(args []string) int {
	l := zlogin.New(nil)
	l.Drop = true
	return l.Main(args)
}

// complete returns options and the names of zones; nothing completes the words after the
// zone's name.
func complete(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	words, files, err := zlogin.Complete(args, word)
	switch {
	case err != nil:
		return nil, cobra.ShellCompDirectiveError
	case files:
		return nil, cobra.ShellCompDirectiveDefault
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
