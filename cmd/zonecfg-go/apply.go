package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/configure"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/lang"
)

func applyCommand(std process, f *flags) *cobra.Command {
	dryRun := false
	c := &cobra.Command{
		Use:   "apply FILE",
		Short: "Make a zone's configuration what a JSON or XML file says",
		Long: `apply makes the configuration of a zone what a file says: it creates the zone, or
changes one that is there, and shows what it changed as 'zonecfg-go diff' does. A file
that says what is there already changes nothing.
The file is JSON as 'info --json' writes it (its schema is
share/doc/zones/zone.schema.json), or XML as it lies in /etc/zones; - is standard input. With -z the zone has another name than in
the file.

What doesn't verify isn't applied. The zonepath and the brand of an installed zone
can't be changed.

Exit status: 0 when the zone is as the file says, 1 when it can't be, 2 when the
command was called wrongly.`,
		Example: "  zonecfg-go -z web info --json > web.json\n  zonecfg-go apply web.json\n  zonecfg-go -z web2 apply --dry-run web.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			store, status := f.store(std)
			if status != lang.ExitOK {
				return exit(status)
			}
			if err := f.apply(std, store, args[0], dryRun); err != nil {
				fmt.Fprintf(std.err, "zonecfg: %s\n", err)
				return exit(lang.ExitError)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what would change, and change nothing")
	return c
}

// readZone reads a configuration from a file, JSON or XML.
func readZone(std process, path string) (*zonecfg.Zone, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(std.in)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	var z *zonecfg.Zone
	if first := bytes.TrimLeft(text, " \t\r\n\uFEFF"); len(first) > 0 && first[0] == '{' {
		z, err = zonecfg.ReadJSON(text)
	} else {
		z, err = zonecfg.ParseXML(text)
	}
	var e *zonecfg.Error
	if errors.As(err, &e) && e.File == "" {
		e.File = path
	}
	return z, err
}

// apply makes a zone what a file says.
func (f *flags) apply(std process, store *zonecfg.Store, path string, dryRun bool) error {
	z, err := readZone(std, path)
	if err != nil {
		return err
	}
	if f.zone != "" {
		z.Name = f.zone
	}
	z, findings, err := configure.Prepare(store, options(std, store).Machine, z)
	if err != nil {
		return err
	}
	for _, finding := range findings {
		fmt.Fprintln(std.err, finding.Text)
	}
	if zonecfg.Failed(findings) != nil {
		return fmt.Errorf("zone %s failed to verify, and nothing was changed", z.Name)
	}
	old, err := store.Load(z.Name)
	added := errors.Is(err, zonecfg.ErrNoZone)
	if added {
		old = &zonecfg.Zone{}
	} else if err != nil {
		return fmt.Errorf("zone %s: %w", z.Name, err)
	}
	changes := lang.Changes(old, z)
	save := configure.Save
	if added {
		save = func(store *zonecfg.Store, z *zonecfg.Zone) error { return store.Create(z, false) }
	}
	if !dryRun && (added || len(changes) > 0) {
		if err := save(store, z); err != nil {
			return err
		}
	}
	lang.WriteChanges(std.out, changes)
	return nil
}

func diffCommand(std process, f *flags) *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Show how two configurations differ",
		Long: `diff compares two configurations, each the name of a zone or a JSON or XML file (a
name with a slash or a dot in it is tried as a file first; - is standard input). What
only A has stands behind "-", what only B has behind "+".

Exit status: 0 when they are the same, 1 when they differ, 2 when one can't be read.`,
		Example: "  zonecfg-go diff web web2\n  zonecfg-go diff web ./web.json",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			store, status := f.store(std)
			if status != lang.ExitOK {
				return exit(status)
			}
			var zones [2]*zonecfg.Zone
			for i, arg := range args {
				z, err := zoneOrFile(std, store, arg)
				if err != nil {
					fmt.Fprintf(std.err, "zonecfg: %s: %s\n", arg, err)
					return exit(lang.ExitUsage)
				}
				zones[i] = z
			}
			changes := lang.Changes(zones[0], zones[1])
			if asJSON {
				if changes == nil {
					changes = []lang.Change{}
				}
				encoder := json.NewEncoder(std.out)
				encoder.SetIndent("", "  ")
				encoder.SetEscapeHTML(false)
				if err := encoder.Encode(changes); err != nil {
					return err
				}
			} else {
				lang.WriteChanges(std.out, changes)
			}
			if len(changes) > 0 {
				return exit(lang.ExitError)
			}
			return nil
		},
		ValidArgsFunction: completeCompared,
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write the differences as JSON")
	return c
}

// zoneOrFile reads what an argument of diff names. Zonepaths are those below the
// store's root.
func zoneOrFile(std process, store *zonecfg.Store, arg string) (*zonecfg.Zone, error) {
	_, missing := os.Stat(arg)
	if zonecfg.ValidName(arg) != nil || bytes.ContainsRune([]byte(arg), '.') && missing == nil {
		if arg != zone.GlobalName {
			z, err := readZone(std, arg)
			if err == nil {
				z.Zonepath = store.InRoot(z.Zonepath)
			}
			return z, err
		}
	}
	z, err := store.Load(arg)
	if errors.Is(err, zonecfg.ErrNoZone) && missing == nil {
		z, err = readZone(std, arg)
		if err == nil {
			z.Zonepath = store.InRoot(z.Zonepath)
		}
	}
	return z, err
}
