// Command zones-zfs reads and changes ZFS datasets. Other commands run it for zones
// that have datasets.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

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
		Long: `zones-zfs prints as JSON what a dataset is or what depends on it, or changes
datasets, by the system's zfs(8). zoneadm-go and zoneadmd-go run it for zones that have
datasets.

Exit status: 0 success, 1 failure, 2 usage.`,
		Example:       "  zones-zfs get tank/web\n  zones-zfs set tank/web zoned on",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	add := func(use, short string, arguments int, do func(args []string) error) {
		c.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: cobra.ExactArgs(arguments),
			RunE: func(_ *cobra.Command, args []string) error {
				status = 1
				return do(args)
			},
		})
	}
	add("get DATASET", "Print what a dataset is", 1, func(args []string) error {
		return printed(out)(get(args[0]))
	})
	add("dependents FILESYSTEM", "Print its snapshots, their clones, and the datasets below it", 1, func(args []string) error {
		return printed(out)(dependents(args[0]))
	})
	add("set DATASET PROPERTY VALUE", "Set a property", 3, set)
	add("inherit DATASET PROPERTY", "Inherit a property", 2, inherit)
	add("create FILESYSTEM", "Create a file system that isn't shared", 1, create)
	add("snapshot FILESYSTEM@NAME", "Take a snapshot", 1, snapshot)
	add("clone SNAPSHOT FILESYSTEM", "Make a file system from a snapshot", 2, clone)
	add("rename DATASET NAME", "Rename a dataset", 2, rename)
	add("promote FILESYSTEM", "Make a clone independent of its origin", 1, plainly("promote"))
	add("mount FILESYSTEM", "Mount a file system", 1, plainly("mount"))
	add("unmount FILESYSTEM", "Unmount a file system", 1, plainly("unmount"))
	add("destroy DATASET", "Destroy a dataset without dependents", 1, destroy)
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

// printed returns a function that prints an answer as JSON.
func printed(out io.Writer) func(answer any, err error) error {
	return func(answer any, err error) error {
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(answer)
	}
}
