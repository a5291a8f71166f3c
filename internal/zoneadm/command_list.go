package zoneadm

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gozones/zones/sys/zone"
)

// parsableTails are what follows the line of list -p, by its number of fields. Some
// distributions have an eighth field, a debug ID that zones here don't have: 0.
var parsableTails = map[string]string{"": "", "7": "", "8": ":0"}

func (t *Tool) list(args []string) int {
	if err := t.on.begin(VerbList); err != nil {
		return t.report(err)
	}
	letters := "cinpv"
	if t.on.Name != "" {
		letters = "pv"
	}
	options, operands, status, ok := t.letters(VerbList, args, letters)
	if !ok {
		return status
	}
	if t.on.Name != "" && len(operands) > 0 {
		t.usageOf("list")
		return ExitUsage
	}
	parsable, verbose := has(options, 'p'), has(options, 'v')
	if parsable && verbose {
		t.say("list -p and -v are mutually exclusive.")
		return ExitFailed
	}
	tail, known := parsableTails[t.Fields]
	if parsable && !known {
		t.say("ZONES_LIST_FIELDS is '%s': set it to 7 or 8, the number of fields of list -p, or unset it", t.Fields)
		return ExitUsage
	}
	zones, status := t.selected(Selection{
		Configured: has(options, 'c'), Installed: has(options, 'i'), NoGlobal: has(options, 'n')})
	for i, z := range zones {
		switch {
		case t.json:
		case parsable:
			fmt.Fprintln(t.Out, z.Parsable()+tail)
		case verbose:
			if i == 0 {
				fmt.Fprintln(t.Out, VerboseHeader)
			}
			fmt.Fprintln(t.Out, z.Verbose())
		default:
			fmt.Fprintln(t.Out, z.Name)
		}
	}
	if t.json {
		if zones == nil {
			zones = []*Zone{} // [], not null
		}
		status = t.printJSON(zones, status)
	}
	if t.on.Name == "" || t.on.Name == zone.GlobalName || status != ExitOK || t.Inside {
		return status
	}
	return t.report(t.on.hookAllows(context.Background(), args))
}

// selected returns the zone of -z, or the zones that match the selection.
func (t *Tool) selected(selection Selection) ([]*Zone, int) {
	if t.on.Name != "" {
		z, err := t.on.describe()
		if err != nil {
			t.printLine(lineOf(err))
			return nil, ExitFailed
		}
		return []*Zone{z}, ExitOK
	}
	zones, failures, err := t.List(selection)
	for _, failure := range failures {
		t.printLine(lineOf(failure))
	}
	if err != nil {
		t.printLine(lineOf(err))
		return nil, ExitFailed
	}
	return zones, ExitOK
}

// printJSON prints a value as indented JSON and returns the status.
func (t *Tool) printJSON(v any, status int) int {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	fmt.Fprintf(t.Out, "%s\n", text)
	return status
}

// host prints which kernel this host has, and what that enforces.
func (t *Tool) host(args []string) int {
	if status, ok := t.alone("host", args); !ok {
		return status
	}
	report, err := t.Report()
	if err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	if t.json {
		return t.printJSON(report, ExitOK)
	}
	fmt.Fprintf(t.Out, "host: %s", report.Host)
	if report.Detail != "" {
		fmt.Fprintf(t.Out, " (%s)", report.Detail)
	}
	fmt.Fprintln(t.Out)
	for _, c := range report.Capabilities {
		fmt.Fprintf(t.Out, "%-8s  %-22s %s", c.Class, c.Concept, c.Mechanism)
		if c.Missing != "" {
			fmt.Fprintf(t.Out, " (%s)", c.Missing)
		}
		fmt.Fprintln(t.Out)
	}
	return ExitOK
}
