package zoneadm

import (
	"fmt"
	"io"
	"strings"

	"github.com/gozones/zones/internal/nearest"
	"github.com/gozones/zones/zonecfg"
)

// command is a subcommand.
type command struct {
	name  string
	short string // synopsis
	about string
	run   func(t *Tool, args []string) int
	json  bool // takes --json
	// from has the states in which --all selects zones. nil: the subcommand takes one zone.
	from []zonecfg.State
	// dry subcommands take --dry-run.
	dry bool
	// traced subcommands take --trace.
	traced bool
	// letters are the options as getopt takes them, and in the states in which a zone can be for
	// a subcommand that isn't for several; nil: any, or those of from. Both are proposed where
	// the shell completes a command line.
	letters string
	in      []zonecfg.State
	// hidden subcommands aren't in the help.
	hidden bool
	// daemon is set if the subcommand needs the zone's zoneadmd, which usually doesn't run
	// yet.
	daemon bool
	// looks is set if the subcommand needs no kernel process where none runs.
	looks bool
}

// commands are the subcommands in the order of the help. They are set in init since help,
// which uses them, is one of them.
var commands []*command

func init() {
	commands = []*command{
		{name: "help", short: "help", about: "Print this text, or the usage of the given subcommands.", run: (*Tool).help},
		{name: "boot", short: "boot [-- boot_arguments]", about: "Boot the zone. The arguments are passed to the zone's init.", run: (*Tool).boot, from: bootat, daemon: true, traced: true, letters: "fs"},
		{name: "halt", short: "halt", about: "Halt the zone: kill its processes and release its resources.", run: (*Tool).halt, from: up, traced: true},
		{name: "ready", short: "ready", about: "Make the zone ready: set up its resources without starting its init.", run: (*Tool).ready, from: halted, daemon: true, traced: true},
		{name: "shutdown", short: "shutdown [-r [-- boot_arguments]]", about: "Shut the zone down cleanly. -r boots it again.", run: (*Tool).shutdown, from: booted, letters: "r"},
		{name: "reboot", short: "reboot [-- boot_arguments]", about: "Halt the zone and boot it again.", run: (*Tool).reboot, from: booted, traced: true},
		{name: "list", short: "list [-cinpv]", about: "List running zones. -i adds installed zones, -c all configured ones; -n omits the global zone.\n\t-p prints a format for programs, -v more columns.", run: (*Tool).list, json: true, looks: true, letters: "cinpv"},
		{name: "verify", short: "verify", about: "Check that the zone's configuration can be used on this machine.", run: (*Tool).verify, from: known, in: checked},
		{name: "install", short: "install [brand-specific args]", about: "Install the zone: create its root directory.", run: (*Tool).install, dry: true, in: unmade},
		{name: "uninstall", short: "uninstall [-F] [brand-specific args]", about: "Remove the zone's files. -F doesn't ask for confirmation.", run: (*Tool).uninstall, dry: true, letters: "F", in: made},
		{name: "clone", short: "clone [-m method] [-s <ZFS snapshot>] [brand-specific args] zonename", about: "Install the zone as a copy of an installed zone.", run: (*Tool).clone, dry: true, letters: "m:s:", in: unmade},
		{name: "move", short: "move zonepath", about: "Move the zone's files to another zonepath.", run: (*Tool).move, dry: true, in: halted},
		{name: "detach", short: "detach [-n] [brand-specific args]", about: "Detach the zone from this machine but keep its files. -n only prints the manifest.", run: (*Tool).detach, dry: true, letters: "n", in: halted},
		{name: "attach", short: "attach [-F] [-n <path>] [brand-specific args]", about: "Attach the files of a detached zone. -F skips the checks; -n only checks a manifest.", run: (*Tool).attach, dry: true, letters: "Fn:U", in: unmade},
		{name: "mark", short: "mark incomplete", about: "Set the state of the zone to incomplete, so that it has to be uninstalled.", run: (*Tool).mark, letters: "F", in: inactive},
		{name: "mount", short: "mount", run: (*Tool).mount, hidden: true},
		{name: "unmount", short: "unmount", run: (*Tool).unmount, hidden: true},
		{name: "apply", short: "apply", run: (*Tool).apply, hidden: true},
		{name: "sysboot", short: "sysboot", run: (*Tool).sysboot, hidden: true},
		{name: "holds", short: "holds [--json]", about: "Print what keeps the zone from going down, or its zonepath busy: processes, open files,\n\tmounts, data links, references of the kernel, and who holds its lock.", run: (*Tool).holds, hidden: true, json: true, in: anyState},
		{name: "host", short: "host [--json]", about: "Print which kernel this machine has for zones, and what it enforces.", run: (*Tool).host, hidden: true, json: true},
	}
}

// named reports whether the subcommand is proposed where a name is wanted.
func (v *command) named() bool { return v.about != "" }

func lookupCommand(name string) *command {
	for _, v := range commands {
		if v.name == name {
			return v
		}
	}
	return nil
}

// usage writes the usage of the command, with descriptions if long is set.
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
	b.WriteString(additions)
	io.WriteString(w, b.String())
}

// additions are what zoneadm(8) doesn't have.
const additions = `Not in zoneadm(8):

holds [--json]
host [--json]
list [-cinpv] [--json]
{-z <zone> -z <zone>... | --all} {boot | halt | ready | reboot | shutdown | verify}
boot --autoboot
{boot | halt | ready | reboot} --trace <file>
{install | uninstall | clone | move | detach | attach} --dry-run
`

// unknown says which word is no subcommand, and which one may have been meant. It is
// printed last, where it is seen.
func (t *Tool) unknown(word string) {
	text := fmt.Sprintf("there is no subcommand '%s'", word)
	if near := nearest.Of(word, Verbs()); near != "" {
		text += fmt.Sprintf(": did you mean '%s'?", near)
	}
	t.printLine(named("%s", text))
}

// usageOf writes the usage of a subcommand.
func (t *Tool) usageOf(name string) {
	v := lookupCommand(name)
	fmt.Fprintf(t.Err, "usage:\t%s\n\t%s\n", v.short, v.about)
}

// help is the subcommand help.
func (t *Tool) help(args []string) int {
	if len(args) == 0 {
		t.usage(t.Out, true)
		return ExitOK
	}
	for _, name := range args {
		v := lookupCommand(name)
		if v == nil || v.about == "" {
			t.usageOf("help")
			if v == nil {
				t.unknown(name)
			}
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
		if v.named() {
			names = append(names, v.name)
		}
	}
	return names
}
