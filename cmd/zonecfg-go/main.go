// Command zonecfg-go configures zones, as zonecfg(8) does.
package main

import (
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/cli"
	"github.com/gozones/zones/internal/locate"
)

func main() {
	signal.Ignore(os.Interrupt)
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], cobra.ShellCompRequestCmd) {
		cli.Welcome("zonecfg-go")
	}
	os.Exit(run(os.Args[1:], process{in: os.Stdin, out: os.Stdout, err: os.Stderr, root: locate.Root(), runDir: locate.RunDir()}))
}
