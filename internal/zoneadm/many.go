package zoneadm

import (
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/zonecfg"
)

// The long options that select several zones: --all those in a state that the subcommand
// starts from, --autoboot those whose configuration has autoboot=true.
const (
	allOption      = "all"
	autobootOption = "autoboot"
)

// manyAtOnce limits how many zones a subcommand works on at the same time. Most of the
// time each waits for its daemon.
const manyAtOnce = 16

// selection parses the long options that select several zones, before and after a
// subcommand, and returns the remaining arguments. names is nil if there are no such
// options and at most one -z.
func (t *Tool) selection(c *command, given []string, all bool, args []string) (rest, names []string, status int) {
	slices.Sort(given)
	given = slices.Compact(given)
	autoboot := false
	if c != nil && c.from != nil {
		var again bool
		args, _, again = getopt.Long(args, "", allOption, false)
		all = all || again
		if c.name == string(VerbBoot) {
			args, _, autoboot = getopt.Long(args, "", autobootOption, false)
		}
	}
	switch {
	case !all && !autoboot && len(given) < 2:
		return args, nil, ExitOK
	case c == nil:
		return args, nil, ExitOK // its usage is printed
	case c.from == nil:
		t.say("%s takes one zone: --%s and several -z are for boot, halt, ready, reboot, shutdown and verify", c.name, allOption)
		return nil, nil, ExitUsage
	case (all || autoboot) && len(given) > 0:
		t.say("--%s and --%s select zones themselves: leave out -z", allOption, autobootOption)
		return nil, nil, ExitUsage
	case !all && !autoboot:
		return args, given, ExitOK
	}
	if !t.connect(false) {
		return nil, nil, ExitFailed
	}
	zones, failures, err := t.List(Selection{Configured: true, NoGlobal: true})
	if err != nil {
		t.say("%v", err)
		return nil, nil, ExitFailed
	}
	for _, err := range failures {
		t.say("%v", err)
		status = ExitFailed
	}
	names = []string{}
	for _, z := range zones {
		if slices.Contains(c.from, z.State) && (!autoboot || t.autoboots(z.Name)) {
			names = append(names, z.Name)
		}
	}
	return args, names, status
}

// autoboots reports whether a zone is booted when the host starts.
func (t *Tool) autoboots(name string) bool {
	config, err := t.Store.Load(name)
	if err != nil {
		t.say("%s: %v", name, err)
	}
	return err == nil && config.Autoboot
}

// many runs a subcommand for several zones in parallel, prints a line for each, and
// returns the highest exit status.
func (t *Tool) many(c *command, names []string, args []string, status int) int {
	if len(names) > 0 && !t.connect(false) {
		return ExitFailed
	}
	var (
		mu    sync.Mutex // guards status and the lines of Out and Err
		all   sync.WaitGroup
		slots = make(chan struct{}, manyAtOnce)
	)
	out, errs := &sharedLines{mu: &mu, to: t.Out}, &sharedLines{mu: &mu, to: t.Err}
	for _, name := range names {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			each := *t
			each.In, each.Out, each.Err = nil, out, errs
			each.Watched, each.meter, each.kernel = false, nil, nil
			each.target(name)
			ended := each.subcommand(c, "", args)
			result := "done"
			if ended != ExitOK {
				result = fmt.Sprintf("failed (exit status %d)", ended)
			}
			fmt.Fprintf(out, "%s: %s: %s\n", name, c.name, result)
			mu.Lock()
			defer mu.Unlock()
			status = max(status, ended)
		})
	}
	all.Wait()
	return status
}

// sharedLines serializes the writes to a file that several zones share.
type sharedLines struct {
	mu *sync.Mutex
	to io.Writer
}

func (l *sharedLines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(text)
}

// The states from which subcommands for several zones start.
var (
	halted = []zonecfg.State{zonecfg.Installed}
	up     = []zonecfg.State{zonecfg.Ready, zonecfg.Running, zonecfg.ShuttingDown, zonecfg.Down}
	booted = []zonecfg.State{zonecfg.Running}
	bootat = []zonecfg.State{zonecfg.Installed, zonecfg.Ready}
	known  = []zonecfg.State{zonecfg.Configured, zonecfg.Incomplete, zonecfg.Installed, zonecfg.Ready, zonecfg.Running}
)

// The states in which a shell proposes the others for a zone.
var (
	unmade   = []zonecfg.State{zonecfg.Configured}
	made     = []zonecfg.State{zonecfg.Incomplete, zonecfg.Installed}
	inactive = []zonecfg.State{zonecfg.Configured, zonecfg.Incomplete, zonecfg.Installed}
	anyState = []zonecfg.State{zonecfg.Configured, zonecfg.Incomplete, zonecfg.Installed, zonecfg.Ready, zonecfg.Mounted, zonecfg.Running, zonecfg.ShuttingDown, zonecfg.Down}
	checked  = []zonecfg.State{zonecfg.Configured, zonecfg.Installed, zonecfg.Ready, zonecfg.Running}
)
