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
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeCompared completes what diff compares: zones, and files.
func completeCompared(c *cobra.Command, words []string, last string) ([]string, cobra.ShellCompDirective) {
	names, _ := completeZones(c, words, last)
	return names, cobra.ShellCompDirectiveDefault
}

// completeHelp completes what there is help on.
func completeHelp(_ *cobra.Command, words []string, last string) ([]string, cobra.ShellCompDirective) {
	return completeLanguage("", append([]string{"help"}, words...), last)
}

// completeWords completes commands of the language in a shell. They are for a zone.
func completeWords(c *cobra.Command, words []string, last string) ([]string, cobra.ShellCompDirective) {
	name, _ := c.Flags().GetString("zone")
	if name == "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeLanguage(name, words, last)
}

func completeLanguage(name string, words []string, last string) ([]string, cobra.ShellCompDirective) {
	s := lang.New(name, options(here(), here().open(locate.Root())))
	before := strings.Join(append(words, ""), " ")
	var out []string
	for _, line := range s.Complete(before + last) {
		out = append(out, strings.TrimRight(strings.TrimPrefix(line, before), " "))
	}
	if strings.HasPrefix(last, "-") {
		// Options are whole words; and for fish, cobra loses one that it is to add no space to.
		return out, cobra.ShellCompDirectiveDefault
	}
	return out, cobra.ShellCompDirectiveNoSpace
}

// here is a process that nobody listens to.
func here() process {
	return process{out: io.Discard, err: io.Discard, root: locate.Root(), runDir: locate.RunDir()}
}
