// Command zoneadmd-go is the daemon of a zone. Other commands start it when they
// need it.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/version"
	"github.com/gozones/zones/internal/zoneadmd"
	"github.com/gozones/zones/internal/zoneadmd/launch"
)

func main() { os.Exit(run(os.Args, os.Stderr)) }

// Exit statuses.
const (
	exitFailed = 1
	exitUsage  = 2
)

func run(args []string, errs io.Writer) int {
	status := 0
	c := command(&status, errs)
	c.SetArgs(args[1:])
	if err := c.Execute(); err != nil {
		fmt.Fprintf(errs, "Usage: %s -z zonename\n\tNote: %[1]s should not be run directly.\n", filepath.Base(args[0]))
		return exitUsage
	}
	return status
}

func command(status *int, errs io.Writer) *cobra.Command {
	var (
		name, root string
		tellFD     int
		callerFD   int
		record     bool
	)
	c := &cobra.Command{
		Use:   "zoneadmd-go -z zonename",
		Short: "The daemon of a zone",
		Long: `zoneadmd-go makes a zone ready, boots, halts and reboots it for those who ask at its
door, and holds the zone's console. zoneadm-go and zlogin-go start it when they need
it; it returns when the door is served and goes on in the background, until the zone
is installed and nobody looks at the console.

Exit status: 0 when the door is served; 1 when a check failed, or, without a message,
when the zone has a daemon already; 2 for wrong usage.`,
		Example:       "  zoneadmd-go -z web",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			if name == "" {
				return fmt.Errorf("no zone")
			}
			switch {
			case len(root) > 1:
				// Only scratch zones of other boot environments are managed there.
				fmt.Fprintf(errs, "alternate root %s: not supported by this daemon\n", root)
				*status = exitFailed
			case tellFD >= 0:
				*status = zoneadmd.Main(name, tellFD, callerFD, record)
			default:
				*status = zoneadmd.Launch(name, errs)
			}
			return nil
		},
	}
	version.Add(c)
	c.Flags().StringVarP(&name, "zone", "z", "", "the zone")
	c.Flags().StringVarP(&root, "root", "R", "", "alternate root")
	c.Flags().IntVar(&tellFD, launch.TellFlag[2:], -1, "descriptor to tell how the start went")
	c.Flags().IntVar(&callerFD, launch.CallerFlag[2:], -1, "descriptor of a caller's connection")
	c.Flags().BoolVar(&record, launch.TraceFlag[2:], false, "record what takes the daemon's time")
	for _, flag := range []string{launch.TellFlag, launch.CallerFlag, launch.TraceFlag} {
		_ = c.Flags().MarkHidden(flag[2:])
	}
	return c
}
