package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/configure"
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
}

// flags are what the command is called with.
type flags struct {
	zone, file, root string
	live, usage      bool
}

// exit is the status of a run that has said what there is to say.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run runs the command and returns its exit status.
func run(args []string, std process) int {
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
	args, ok := asGetopt(args)
	if !ok {
		lang.Usage(std.err)
		return lang.ExitUsage
	}
	c := command(std)
	c.SetArgs(args)
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

// letters are the options as getopt(3C) has them.
const letters = "?f:R:rz:"

// asGetopt writes options as getopt reads them: an argument is all that stands behind
// its letter, an equals sign too. Long options are cobra's.
func asGetopt(args []string) (out []string, ok bool) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if len(a) < 2 || a[0] != '-' || strings.HasPrefix(a, "--") {
			if a == "--" || !strings.HasPrefix(a, "--") {
				return append(out, args[i:]...), true
			}
			out = append(out, a)
			continue
		}
		for a = a[1:]; a != ""; {
			at := strings.IndexByte(letters, a[0])
			if at < 0 || a[0] == ':' {
				return nil, false
			}
			name := "-" + a[:1]
			a = a[1:]
			if !strings.HasPrefix(letters[at+1:], ":") {
				out = append(out, name)
				continue
			}
			if a == "" {
				if i++; i == len(args) {
					return nil, false
				}
				a = args[i]
			}
			out = append(out, name, a)
			a = ""
		}
	}
	return out, true
}

// command describes the command to cobra.
func command(std process) *cobra.Command {
	var f flags
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
	c.SetOut(std.out)
	c.SetErr(std.err)
	c.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true}) // help is the language's
	c.SetFlagErrorFunc(func(*cobra.Command, error) error {
		lang.Usage(std.err)
		return exit(lang.ExitUsage)
	})
	c.Flags().SetInterspersed(false)
	c.Flags().StringVarP(&f.zone, "zone", "z", "", "the zone")
	c.Flags().StringVarP(&f.root, "root", "R", "", "an alternate root: the zones of the system that is mounted there")
	c.Flags().StringVarP(&f.file, "file", "f", "", "run the commands in a file; - is standard input")
	c.Flags().BoolVarP(&f.live, "running", "r", false, "change the running zone, and not its configuration")
	c.Flags().BoolVarP(&f.usage, "usage", "?", false, "list the commands of the language")
	c.Flags().Bool("help", false, "this help")
	c.RegisterFlagCompletionFunc("zone", completeZones)
	c.AddCommand(applyCommand(std, &f), diffCommand(std, &f))
	return c
}

// language runs commands of the language.
func (f *flags) language(std process, words []string) int {
	if f.usage {
		lang.Usage(std.out)
		lang.UsageOfCommands(std.out, true)
		return lang.ExitUsage
	}
	store, status := f.store(std)
	if status != lang.ExitOK {
		return status
	}
	if f.zone == "" {
		lang.Usage(std.err)
		return lang.ExitUsage
	}
	if err := zonecfg.ValidName(f.zone); err != nil && f.zone != zone.GlobalName {
		fmt.Fprintf(std.err, "%s: %s\n", f.zone, err)
		lang.UsageOfNames(std.err)
		return lang.ExitUsage
	}
	readOnly, err := lang.Access(store, f.zone)
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
	if f.root == "" {
		return std.open(std.root), lang.ExitOK
	}
	if !strings.HasPrefix(f.root, "/") {
		fmt.Fprintf(std.err, "root path must be absolute: %s\n", f.root)
		return nil, lang.ExitUsage
	}
	if info, err := os.Stat(f.root); err != nil || !info.IsDir() {
		fmt.Fprintf(std.err, "root path must be a directory: %s\n", f.root)
		return nil, lang.ExitUsage
	}
	return std.open(f.root), lang.ExitOK
}

// open opens the configurations below a root. States are the kernel's where one runs.
func (p process) open(root string) *zonecfg.Store {
	s := zonecfg.Open(root, p.runDir)
	if root == p.root {
		s.Active = p.activeState
	}
	return s
}

// options are what every session here works with.
func options(std process, store *zonecfg.Store) lang.Options {
	return lang.Options{Store: store, Out: std.out, Err: std.err, Brands: brand.Names(brand.Dir),
		Machine: configure.Machine(brand.Dir, std.err)}
}

// session runs a session in the mode that the command line asks for.
func (f *flags) session(std process, o lang.Options, words []string) int {
	tty := isTerminal(std.in)
	switch {
	case len(words) > 0:
		if tty {
			o.Terminal = newPlainTerminal(std)
		}
		return lang.New(f.zone, o).RunWords(words)
	case f.file != "" && f.file != "-":
		return lang.New(f.zone, o).RunFile(f.file)
	case !tty:
		o.Pager = pager(std)
		return lang.New(f.zone, o).RunInput(std.in, f.file == "-")
	}
	o.Pager = pager(std)
	t := newLineTerminal()
	defer t.close()
	o.Terminal = t
	s := lang.New(f.zone, o)
	t.complete = s.Complete
	return s.RunTerminal(f.file == "-")
}
