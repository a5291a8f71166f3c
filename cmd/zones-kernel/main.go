// Command zones-kernel is the kernel process: it provides zones on a host that isn't
// illumos. Other programs start it when they need it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/kernelproc"
	"github.com/gozones/zones/internal/linuxhost"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine/launch"
	"github.com/gozones/zones/internal/version"
)

func main() {
	if linuxhost.IsZsched() {
		os.Exit(linuxhost.ZschedMain())
	}
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "zones-kernel:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	o := kernelproc.Options{Log: os.Stderr}
	var (
		readyFD int
		start   bool
	)
	c := &cobra.Command{
		Use:   "zones-kernel",
		Short: "The kernel process of zones on systems that aren't illumos",
		Long: `zones-kernel answers for the zones of this machine. The commands start it on
first use and find it by its door in the run directory; it exits when there has been
no zone and no caller for a while. When it exits, every zone ends.`,
		Example:       "  zones-kernel --run-dir /tmp/zones --host sim",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			if start {
				return startOther()
			}
			if readyFD >= 0 {
				o.Ready = os.NewFile(uintptr(readyFD), "ready")
			}
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			return kernelproc.Run(ctx, o)
		},
	}
	version.Add(c)
	c.Flags().StringVar(&o.RunDir, "run-dir", locate.RunDir(), "directory of the door, the log and the lock")
	c.Flags().StringVar(&o.Host, "host", kernelproc.HostAuto, "what runs the zones: linux, sim (in memory), or auto: the best that works here")
	c.Flags().BoolVar(&o.Labels, "labels", false, "read zone_def as kernels with Trusted Extensions do, from programs that make system calls")
	c.Flags().DurationVar(&o.Idle, "idle", time.Minute, "exit after this long without zones and callers; 0: never")
	c.Flags().BoolVar(&start, "start", false, "start a kernel process in the run directory where none runs, and return when it answers")
	c.Flags().IntVar(&readyFD, "ready-fd", -1, "descriptor to write \"ready\" to, or what went wrong")
	_ = c.Flags().MarkHidden("ready-fd")
	return c
}

// startOther makes sure that a kernel process runs. It is for programs in other
// languages.
func startOther() error {
	k, err := launch.Open()
	if err != nil {
		return err
	}
	return k.Close()
}
