package zoneadm

import (
	"fmt"
	"io"
	"strings"
)

// command is a subcommand.
type command struct {
	name  string
	short string // as usage shows it
	about string
	run   func(t *Tool, args []string) int
	json  bool // it takes --json
	// traced subcommands take --trace.
	traced bool
	// hidden verbs are not in the help.
	hidden bool
	// daemon says that the verb needs the zone's zoneadmd, and that the zone has none
	// yet as a rule.
	daemon bool
}

// commands are the subcommands in the order of the help; set in init, since help
// itself is one of them.
var commands []*command

func init() {
	commands = []*command{
		{name: "help", short: "help", about: "Print this text, or the usage of the subcommands that are named.", run: (*Tool).help},
		{name: "boot", short: "boot [-- boot_arguments]", about: "Start the zone's init, making the zone ready first. The arguments are for init.", run: (*Tool).boot, daemon: true, traced: true},
		{name: "halt", short: "halt", about: "End everything in the zone at once and take the zone down to installed.", run: (*Tool).halt, traced: true},
		{name: "ready", short: "ready", about: "Make the zone ready: what it has of the machine, and no process of its own.", run: (*Tool).ready, daemon: true, traced: true},
		{name: "shutdown", short: "shutdown [-r [-- boot_arguments]]", about: "Have the zone's init end in good order; with -r boot the zone again.", run: (*Tool).shutdown},
		{name: "reboot", short: "reboot [-- boot_arguments]", about: "Halt the zone and boot it again.", run: (*Tool).reboot, traced: true},
		{name: "list", short: "list [-cinpv]", about: "List running zones. -i adds installed ones, -c all that are configured; -n leaves the global zone out.\n\t-p is for programs, -v for people.", run: (*Tool).list, json: true},
		{name: "verify", short: "verify", about: "Check that the zone's configuration can be made true on this machine.", run: (*Tool).verify},
		{name: "install", short: "install [brand-specific args]", about: "Make the zone's root directory.", run: (*Tool).install},
		{name: "uninstall", short: "uninstall [-F] [brand-specific args]", about: "Remove the zone's files. -F asks nothing first.", run: (*Tool).uninstall},
		{name: "clone", short: "clone [-m method] [-s <ZFS snapshot>] [brand-specific args] zonename", about: "Install the zone as a copy of another one that is installed.", run: (*Tool).clone},
		{name: "move", short: "move zonepath", about: "Move the zone's files to another path.", run: (*Tool).move},
		{name: "detach", short: "detach [-n] [brand-specific args]", about: "Take the zone from this machine; its files stay. -n shows what would be written.", run: (*Tool).detach},
		{name: "attach", short: "attach [-F] [-n <path>] [brand-specific args]", about: "Take files of a detached zone as this zone's. -F checks nothing; -n checks a manifest only.", run: (*Tool).attach},
		{name: "mark", short: "mark incomplete", about: "Set the state of the zone, so that it has to be uninstalled.", run: (*Tool).mark},
		{name: "mount", short: "mount", run: (*Tool).mount, hidden: true},
		{name: "unmount", short: "unmount", run: (*Tool).unmount, hidden: true},
		{name: "apply", short: "apply", run: (*Tool).apply, hidden: true},
		{name: "sysboot", short: "sysboot", run: (*Tool).sysboot, hidden: true},
		{name: "host", short: "host", about: "Tell what answers for the zones of this machine, and what it makes true.", run: (*Tool).host, hidden: true, json: true},
	}
}

func lookupCommand(name string) *command {
	for _, v := range commands {
		if v.name == name {
			return v
		}
	}
	return nil
}

// usage writes the usage of the whole command, with what each verb does if long.
func (t *Tool) usage(w io.Writer, long bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "usage:\t%s help\n", t.Prog)
	fmt.Fprintf(&b, "\t%s [-z <zone>] [-u <uuid-match>] list\n", t.Prog)
	fmt.Fprintf(&b, "\t%s {-z <zone>|-u <uuid-match>} <subcommand>\n", t.Prog)
	b.WriteString("\nSubcommands:\n\n")
	for _, v := range commands {
		if v.hidden {
			continue
		}
		b.WriteString(v.short + "\n")
		if long {
			b.WriteString("\t" + v.about + "\n\n")
		}
	}
	if !long {
		b.WriteString("\n")
	}
	io.WriteString(w, b.String())
}

// usageOf writes the usage of one verb.
func (t *Tool) usageOf(name string) {
	v := lookupCommand(name)
	fmt.Fprintf(t.Err, "usage:\t%s\n\t%s\n", v.short, v.about)
}

// help is the subcommand of that name.
func (t *Tool) help(args []string) int {
	if len(args) == 0 {
		t.usage(t.Out, true)
		return ExitOK
	}
	for _, name := range args {
		v := lookupCommand(name)
		if v == nil || v.hidden {
			t.usageOf("help")
			return ExitUsage
		}
		t.usageOf(name)
	}
	return ExitOK
}

// Verbs returns the names of the subcommands, for completion.
func Verbs() []string {
	var names []string
	for _, v := range commands {
		if !v.hidden || v.name == "host" {
			names = append(names, v.name)
		}
	}
	return names
}
