// Command zones-zfs reads and changes ZFS datasets. Other commands run it for zones
// that have datasets.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/mistifyio/go-zfs/v4"
	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/dataset"
	"github.com/gozones/zones/internal/version"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns the exit status: 1 for a dataset that can't be read or changed, 2 for
// wrong usage.
func run(args []string, out, errs io.Writer) int {
	status := 2
	c := &cobra.Command{
		Use:   "zones-zfs",
		Short: "Read and change the ZFS datasets of zones",
		Long: `zones-zfs prints what a dataset is, as JSON, or sets one of its properties, by the
system's zfs(8). zoneadm-go and zoneadmd-go run it for zones that have datasets.

Exit status: 0 success, 1 failure, 2 usage.`,
		Example:       "  zones-zfs get tank/web\n  zones-zfs set tank/web zoned on",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	c.AddCommand(
		&cobra.Command{
			Use: "get DATASET", Short: "Print what a dataset is", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error {
				status = 1
				d, err := get(args[0])
				if err != nil {
					return err
				}
				return json.NewEncoder(out).Encode(d)
			},
		},
		&cobra.Command{
			Use: "set DATASET PROPERTY VALUE", Short: "Set a property of a dataset", Args: cobra.ExactArgs(3),
			RunE: func(_ *cobra.Command, args []string) error {
				status = 1
				d := &zfs.Dataset{Name: args[0]}
				return plain(d.SetProperty(args[1], args[2]))
			},
		})
	c.SetArgs(args)
	c.SetOut(out)
	version.Add(c)
	c.CompletionOptions.HiddenDefaultCmd = true
	if err := c.Execute(); err != nil {
		fmt.Fprintln(errs, err)
		return status
	}
	return 0
}

func get(name string) (*dataset.Dataset, error) {
	found, err := zfs.GetDataset(name)
	if err != nil {
		return nil, plain(err)
	}
	d := &dataset.Dataset{Type: found.Type, Mountpoint: found.Mountpoint}
	if zoned, err := found.GetProperty("zoned"); err == nil {
		d.Zoned = zoned
	}
	// The library doesn't return the source of a property.
	source, err := exec.Command("zfs", "get", "-H", "-o", "source", "mountpoint", name).Output()
	d.Inherited = err == nil && strings.HasPrefix(string(source), "inherited")
	return d, nil
}

// plain returns the first line of the zfs program's message, without the command that
// the library adds.
func plain(err error) error {
	var failed *zfs.Error
	if !errors.As(err, &failed) {
		return err
	}
	text, _, _ := strings.Cut(failed.Stderr, "\n")
	if text == "" {
		return failed.Err
	}
	return errors.New(text)
}
