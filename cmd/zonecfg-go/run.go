package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/configure"
	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/internal/version"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
	"github.com/gozones/zones/zonecfg/lang"
)

// process is what the command has of the process that it runs in.
type process struct {
	in       *os.File
	out, err io.Writer
	root     string // where the machine's zones are configured
	runDir   string // of the machine's zones

	brands string                 // where the brands are described, "" for the system's place
	isUser func(name string) bool // nil: asks the system
}

// flags are what the command is called with.
type flags struct {
	zone, file, root string
	named, rooted    bool // a file and a root were given: their names may be empty
	live             bool
}

// exit is the status of a run that has said what there is to say.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run runs the command and returns its exit status. Output that couldn't be written is a
// failure.
func run(args []string, std process) int {
	std.out, std.err = shown(std.out), shown(std.err)
	if _, terminal := underlying(std.out); terminal {
		return runs(args, std)
	}
	out := &written{to: std.out}
	std.out = out
	status := runs(args, std)
	if out.err == nil {
		return status
	}
	fmt.Fprintln(std.err, "zonecfg: could not write the output:", out.err)
	return max(status, lang.ExitError)
}

// written keeps the first error of a writer.
type written struct {
	to  io.Writer
	err error
}

func (w *written) Write(text []byte) (int, error) {
	n, err := w.to.Write(text)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

func runs(args []string, std process) int {
	if std.elsewhere() {
		fmt.Fprintln(std.err, "zonecfg can only be run from the global zone.")
		return lang.ExitError
	}
	if len(args) == 0 {
		lang.Usage(std.err)
		lang.UsageOfCommands(std.err, false)
		return lang.ExitUsage
	}
	if args[0] == "help" {
		lang.New("", options(std, std.open(std.root))).RunWords(args)
		return lang.ExitOK
	}
	_, _, help := getopt.Long(args, letters, "help", false)
	_, _, release := getopt.Long(args, letters, "version", false)
	var problems []string
	options, operands := getopt.Parse(getopt.Short(args, letters, longOptions), letters, func(problem string) { problems = append(problems, problem) })
	var f flags
	if !help && !release {
		if status := f.read(options, problems, std); status != lang.ExitOK {
			return status
		}
		if len(operands) == 0 || !slices.Contains(ours, operands[0]) {
			return f.language(std, operands)
		}
		if letter := f.unusedBy(operands[0]); letter != "" {
			fmt.Fprintf(std.err, "zonecfg: %s has no use for -%s; see 'zonecfg-go %[1]s --help'\n", operands[0], letter)
			return lang.ExitUsage
		}
	}
	c := command(std, &f)
	c.SetArgs(operands)
	switch {
	case help:
		c.SetArgs([]string{"--help"})
	case release:
		c.SetArgs([]string{"--version"})
	}
	err := c.Execute()
	var status exit
	switch {
	case err == nil:
		return lang.ExitOK
	case errors.As(err, &status):
		return int(status)
	}
	fmt.Fprintln(std.err, "zonecfg:", err)
	return lang.ExitUsage
}

// letters are the options as getopt(3C) has them, longOptions their names.
const letters = "?f:R:rz:"

var longOptions = map[string]byte{"usage": '?', "file": 'f', "root": 'R', "running": 'r', "zone": 'z'}

// ours are the commands that the system's own zonecfg doesn't have: cobra's.
var ours = []string{"apply", "diff", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}

// read takes the options as zonecfg(8) does: one after the other, each checked when it
// comes. problems are getopt's messages for those that are wrong. A status that isn't
// ExitOK ends the command.
func (f *flags) read(options []getopt.Option, problems []string, std process) int {
	for _, o := range options {
		switch o.Letter {
		case 'f':
			f.file, f.named = o.Argument, true
		case 'R':
			f.root, f.rooted = o.Argument, true
			if _, status := f.store(std); status != lang.ExitOK {
				return status
			}
		case 'r':
			f.live = true
		case 'z':
			f.zone = o.Argument
			if !f.validName(std) {
				return lang.ExitUsage
			}
		default:
			if o.Asked() {
				lang.Usage(std.out)
				lang.UsageOfCommands(std.out, true)
				return lang.ExitUsage
			}
			fmt.Fprintf(std.err, "zonecfg: %s\n", problems[0])
			lang.Usage(std.err)
			return lang.ExitUsage
		}
	}
	return lang.ExitOK
}

// unusedBy returns an option that a command of ours would ignore.
func (f *flags) unusedBy(command string) (letter string) {
	switch {
	case f.named:
		return "f"
	case f.live:
		return "r"
	case f.zone != "" && command != "apply":
		return "z"
	}
	return ""
}

// validName tells whether there can be a zone of that name, or says so.
func (f *flags) validName(std process) bool {
	if f.zone == zone.GlobalName {
		return true
	}
	err := zonecfg.ValidName(f.zone)
	if err != nil {
		f.say(std, "%s: %s", f.zone, err)
		lang.UsageOfNames(std.err)
	}
	return err == nil
}

// say writes what is wrong with an option. Where a command file was named before, it
// stands above that as it does above all diagnostics.
func (f *flags) say(std process, format string, args ...any) {
	switch {
	case !f.named:
	case f.file == "-":
		fmt.Fprintln(std.err, "On line 0:")
	default:
		fmt.Fprintf(std.err, "On line 0 of %s:\n", f.file)
	}
	fmt.Fprintf(std.err, format+"\n", args...)
}

// command describes the command to cobra, which has the commands that are ours, the help
// and what completes words in a shell. Options before a command are in f already.
func command(std process, f *flags) *cobra.Command {
	c := &cobra.Command{
		Use:   "zonecfg-go -z ZONE [-R ROOT] [-r] [-f FILE | COMMAND [; COMMAND]...]",
		Short: "Configure zones",
		Long: `zonecfg-go makes, changes, shows and deletes the configuration of zones, in the
language of zonecfg(8). Without commands it reads them from standard input; on a
terminal it prompts for them, with history and completion (Tab). 'zonecfg-go help'
lists the commands of the language.

Exit status: 0 when all went well, 1 after a mistake or when changes could not be
saved, 2 when it was called wrongly.`,
		Example: `  zonecfg-go -z web "create; set zonepath=/zones/web"
  zonecfg-go -z web -f web.cfg
  zonecfg-go -z web info --json
  zonecfg-go -z web -r "set max-lwps=2000"
  zonecfg-go apply web.json
  zonecfg-go diff web web.json`,
		Args:              cobra.ArbitraryArgs,
		SilenceUsage:      true,
		SilenceErrors:     true,
		TraverseChildren:  true,
		ValidArgsFunction: completeWords,
		RunE: func(_ *cobra.Command, words []string) error {
			if status := f.language(std, words); status != lang.ExitOK {
				return exit(status)
			}
			return nil
		},
	}
	version.Add(c)
	c.SetOut(std.out)
	c.SetErr(std.err)
	c.SetHelpCommand(&cobra.Command{Use: "help", Short: "Show help on the language", ValidArgsFunction: completeHelp}) // is the language's, and never gets here
	c.SetFlagErrorFunc(func(*cobra.Command, error) error {
		lang.Usage(std.err)
		return exit(lang.ExitUsage)
	})
	c.Flags().SetInterspersed(false)
	c.Flags().StringP("zone", "z", "", "the zone")
	c.Flags().StringP("root", "R", "", "an alternate root: the zones of the system that is mounted there")
	c.Flags().StringP("file", "f", "", "run the commands in a file; - is standard input")
	c.Flags().BoolP("running", "r", false, "change the running zone, and not its configuration")
	c.Flags().BoolP("usage", "?", false, "list the commands of the language")
	c.Flags().Bool("help", false, "this help")
	_ = c.RegisterFlagCompletionFunc("zone", completeZones)
	c.AddCommand(applyCommand(std, f), diffCommand(std, f))
	return c
}

// language runs commands of the language.
func (f *flags) language(std process, words []string) int {
	store, status := f.store(std)
	if status != lang.ExitOK {
		return status
	}
	if f.zone == "" {
		lang.Usage(std.err)
		return lang.ExitUsage
	}
	if !f.validName(std) {
		return lang.ExitUsage
	}
	readOnly, err := lang.Access(store, f.zone, f.root == "")
	if err != nil {
		fmt.Fprintf(std.err, "zonecfg: Could not access zone configuration store: %s\n", err)
		return lang.ExitError
	}
	if readOnly && len(words) == 0 {
		fmt.Fprintf(std.err, "WARNING: you do not have write access to this zone's configuration file;\ngoing into read-only mode.\n")
	}
	o := options(std, store)
	o.ReadOnly, o.FullPaths = readOnly, f.root != ""
	if f.live {
		live, err := openLive(std, store, f.zone)
		if err != nil {
			fmt.Fprintf(std.err, "zonecfg: %s: %s\n", f.zone, err)
			return lang.ExitError
		}
		defer live.kernel.Close()
		o.Live, o.ReadOnly = live, false
	}
	return f.session(std, o, words)
}

// store opens the configurations of the machine, or those below -R.
func (f *flags) store(std process) (*zonecfg.Store, int) {
	if !f.rooted {
		return std.open(std.root), lang.ExitOK
	}
	if !strings.HasPrefix(f.root, "/") {
		f.say(std, "root path must be absolute: %s", f.root)
		return nil, lang.ExitUsage
	}
	if info, err := os.Stat(f.root); err != nil || !info.IsDir() {
		f.say(std, "root path must be a directory: %s", f.root)
		return nil, lang.ExitUsage
	}
	return std.open(f.root), lang.ExitOK
}

// open opens the configurations below a root. States are the kernel's where one runs.
func (p process) open(root string) *zonecfg.Store {
	s := zonecfg.Open(root, p.runDir)
	s.Warn = func(line zonecfg.IndexProblem) { fmt.Fprintln(p.err, "zonecfg:", line) }
	if root == p.root {
		s.Active = p.activeState
	}
	return s
}

// options are what every session here works with.
func options(std process, store *zonecfg.Store) lang.Options {
	dir := brand.Dir
	if std.brands != "" {
		dir = std.brands
	}
	on := configure.Machine(dir, std.err)
	if std.isUser != nil {
		on.User = std.isUser
	}
	return lang.Options{Store: store, Out: std.out, Err: std.err, Brands: brand.Names(dir), Machine: on}
}

// session runs a session in the mode that the command line asks for.
func (f *flags) session(std process, o lang.Options, words []string) int {
	tty := isTerminal(std.in)
	_, o.Hints = underlying(std.err)
	switch {
	case len(words) > 0:
		if tty {
			o.Terminal = newPlainTerminal(std)
		}
		o.Unread = f.file
		return lang.New(f.zone, o).RunWords(words)
	case f.named && f.file != "-":
		return lang.New(f.zone, o).RunFile(f.file)
	case !tty:
		o.Pager = pager(std)
		return lang.New(f.zone, o).RunInput(std.in, f.file == "-")
	}
	o.Pager = pager(std)
	t := newUser(std)
	o.Terminal = t
	s := lang.New(f.zone, o)
	t.completeWith(s.Complete)
	return s.RunTerminal(f.file == "-")
}
