package zoneadm

import (
	"encoding/json"
	"fmt"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// list is the subcommand of that name.
func (t *Tool) list(args []string) int {
	letters := "cinpv"
	if t.target != "" {
		letters = "pv"
	}
	options, operands, status, ok := t.simple("list", args, letters)
	if !ok {
		return status
	}
	if t.target != "" && len(operands) > 0 {
		t.usageOf("list")
		return ExitUsage
	}
	var selection Selection
	var parsable, verbose bool
	for _, o := range options {
		switch o.Letter {
		case 'c':
			selection.Configured = true
		case 'i':
			selection.Installed = true
		case 'n':
			selection.NoGlobal = true
		case 'p':
			parsable = true
		case 'v':
			verbose = true
		}
	}
	if parsable && verbose {
		t.say("list -p and -v are mutually exclusive.")
		return ExitFailed
	}
	zones, status := t.selected(selection)
	for i, z := range zones {
		switch {
		case t.json:
		case parsable:
			fmt.Fprintln(t.Out, z.Parsable())
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
	if t.target == "" || t.target == zone.GlobalName || status != ExitOK || t.Inside {
		return status
	}
	if !t.hookAllows("list", args) {
		return ExitFailed
	}
	return ExitOK
}

// selected is the target, or the zones that the options select.
func (t *Tool) selected(selection Selection) ([]*Zone, int) {
	if t.target != "" {
		z, err := t.Zone(t.target)
		if err != nil {
			t.fail(err)
			return nil, ExitFailed
		}
		return []*Zone{z}, ExitOK
	}
	zones, failures, err := t.List(selection)
	for _, failure := range failures {
		t.fail(failure)
	}
	if err != nil {
		t.fail(err)
		return nil, ExitFailed
	}
	return zones, ExitOK
}

// printJSON prints a value, indented, and returns the status.
func (t *Tool) printJSON(v any, status int) int {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.say("%v", err)
		return ExitFailed
	}
	fmt.Fprintf(t.Out, "%s\n", text)
	return status
}

// reporter is a kernel that tells of its machine.
type reporter interface{ Report() (zone.Report, error) }

// host tells what answers for the zones of this machine, and what it makes true.
func (t *Tool) host(args []string) int {
	if _, operands, status, ok := t.simple("host", args, ""); !ok {
		return status
	} else if len(operands) > 0 {
		t.usageOf("host")
		return ExitUsage
	}
	known, ok := t.Kernel.(reporter)
	if !ok {
		t.say("the kernel tells nothing of the machine")
		return ExitFailed
	}
	report, err := known.Report()
	if err != nil {
		t.say("could not ask the kernel: %v", err)
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

// mark sets the state of the target on disk.
func (t *Tool) mark(args []string) int {
	options, operands := getopt.Parse(args, "F", nil)
	force := false
	for _, o := range options {
		if o.Letter == '?' {
			if o.Asked() {
				t.usageOf("mark")
				return ExitOK
			}
			return ExitUsage
		}
		force = true
	}
	if len(operands) != 1 {
		return ExitUsage
	}
	var state zonecfg.State
	switch operands[0] {
	case "incomplete":
		state = zonecfg.Incomplete
	case "configured":
		state = zonecfg.Configured
	case "installed":
		state = zonecfg.Installed
	default:
		return ExitUsage
	}
	if state != zonecfg.Incomplete && !force {
		return ExitUsage
	}
	if !t.gate("mark", mustNot, false) || !t.hookAllows("mark", args) {
		return ExitFailed
	}
	unlock, ok := t.lock()
	if !ok {
		return ExitFailed
	}
	defer unlock()
	if err := t.Store.SetState(t.target, state); err != nil {
		t.sayOf("state change failed", err)
		return codeOf(err)
	}
	return ExitOK
}
