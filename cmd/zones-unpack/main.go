// Command zones-unpack fills the root directory of a zone of brand tar from an
// archive. zoneadm-go runs it, so that the code for all kinds of archives is loaded
// only when there is one.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/rootfs/tree"
	"github.com/gozones/zones/internal/version"
	"github.com/gozones/zones/internal/visible"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns the exit status: 1 for an archive that can't be unpacked, 2 for wrong
// usage.
func run(args []string, out, errs io.Writer) int {
	status := 2
	c := &cobra.Command{
		Use:   "zones-unpack ARCHIVE DIRECTORY",
		Short: "Unpack an archive into the root directory of a zone",
		Long: `zones-unpack unpacks a tar archive, compressed with gzip, zstd, xz or bzip2 or not at
all, or the layers of an OCI image layout (a directory), into a directory that exists.
Of a layout with several images, name one as DIRECTORY:TAG. Nothing outside of the
directory is written, whatever names are in the archive. It is what
"zoneadm-go -z zone install -a ARCHIVE" runs for zones of brand tar.

Exit status: 0 success, 1 failure, 2 usage.`,
		Example:       "  zones-unpack alpine.tar.gz web/root",
		Args:          cobra.ExactArgs(2),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			status = 1
			return tree.Unpack(ctx, args[0], args[1], func(line string) { fmt.Fprintln(errs, visible.Text(line)) })
		},
	}
	c.SetArgs(args)
	c.SetOut(out)
	version.Add(c)
	c.CompletionOptions.HiddenDefaultCmd = true
	if err := c.Execute(); err != nil {
		fmt.Fprintln(errs, visible.Text(err.Error()))
		return status
	}
	return 0
}
