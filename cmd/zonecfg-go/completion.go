package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg/lang"
)

// completeZones completes the names of zones in a shell.
func completeZones(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	entries, err := here().open(locate.Root()).Entries()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	names := []string{zone.GlobalName}
	for _, e := range entries {
		if e.Name != zone.GlobalName {
			names = append(names, e.Name)
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

// completeWords completes commands of the language in a shell.
func completeWords(c *cobra.Command, words []string, last string) ([]string, cobra.ShellCompDirective) {
	name, _ := c.Flags().GetString("zone")
	s := lang.New(name, options(here(), here().open(locate.Root())))
	before := strings.Join(append(words, ""), " ")
	var out []string
	for _, line := range s.Complete(before + last) {
		out = append(out, strings.TrimRight(strings.TrimPrefix(line, before), " "))
	}
	return out, cobra.ShellCompDirectiveNoSpace
}

// here is a process that nobody listens to.
func here() process {
	return process{out: io.Discard, err: io.Discard, root: locate.Root(), runDir: locate.RunDir()}
}
