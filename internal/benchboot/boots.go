package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gozones/zones/internal/trace"
)

// maxTrips is the maximum number of round trips between processes during a boot.
const maxTrips = 12

// machine is an /etc/zones and a kernel process of the benchmark's own.
type machine struct {
	top, runDir     string
	zoneadm, zlogin string
}

// boot boots the zone web and takes it down again. If file isn't empty it gets a
// trace.
func (m *machine) boot(file string) (time.Duration, error) {
	time.Sleep(settle)
	argv := []string{m.zoneadm, "-z", "web", "boot"}
	if file != "" {
		argv = append(argv, "--trace", file)
	}
	took, err := timed(argv...)
	if err == nil {
		_, err = timed(m.zoneadm, "-z", "web", "halt")
	}
	return took, err
}

// row is a step or a round trip of a boot, measured over all rounds.
type row struct {
	process, name string
	kind          trace.Kind
	begun, took   []time.Duration // in the rounds that have it
}

// profile is where the time of boots goes, over all rounds.
type profile struct {
	rows  []*row
	whole []time.Duration // what the command takes
	trips int             // round trips between processes, at most
}

// trace adds traced boots.
func (p *profile) trace(m *machine, rounds int) error {
	file := filepath.Join(m.top, "boot.json")
	for range rounds {
		took, err := m.boot(file)
		if err != nil {
			return err
		}
		p.whole = append(p.whole, took)
		spans, err := readTrace(file)
		if err != nil {
			return err
		}
		p.trips = max(p.trips, trace.Calls(spans))
		p.rows = collect(p.rows, spans)
	}
	slices.SortStableFunc(p.rows, func(a, b *row) int { return int(median(a.begun) - median(b.begun)) })
	return nil
}

// find returns what p has of the same step or round trip, nil for nothing.
func (p *profile) find(like *row) *row {
	i := slices.IndexFunc(p.rows, func(r *row) bool {
		return r.process == like.process && r.kind == like.kind && r.name == like.name
	})
	if i < 0 {
		return nil
	}
	return p.rows[i]
}

// breakdown prints where the time of a boot goes and the number of round trips. It
// returns an error if there are more than maxTrips.
func (m *machine) breakdown(rounds int) error {
	var p profile
	if err := p.trace(m, rounds); err != nil {
		return err
	}
	fmt.Printf("\nwhere the time of a boot goes, medians of %d rounds\n", rounds)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "begins\ttakes\tprocess\t\t")
	for _, r := range p.rows {
		fmt.Fprintf(w, "%v\t%v\t%s\t%s\t%s\n", rounded(median(r.begun)), rounded(median(r.took)), r.process, r.kind, r.name)
	}
	fmt.Fprintf(w, "\t%v\tall\t\tthe command\n", rounded(median(p.whole)))
	w.Flush()
	return p.few()
}

// few prints the number of round trips and checks it.
func (p *profile) few() error {
	fmt.Printf("\nround trips between processes: %d, at most %d\n", p.trips, maxTrips)
	if p.trips > maxTrips {
		return fmt.Errorf("a boot makes %d round trips, more than %d", p.trips, maxTrips)
	}
	return nil
}

// worth is how much longer a step must take beside other zones to be printed.
const worth = 100 * time.Microsecond

// slower prints the steps that take longer beside other zones.
func slower(alone, crowded *profile) {
	fmt.Println("\nwhat takes longer beside them, most first; a step contains those that it waits for")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "alone\tbeside\tprocess\t\t")
	type longer struct {
		by   time.Duration
		text string
	}
	var list []longer
	for _, r := range crowded.rows {
		var before time.Duration
		if same := alone.find(r); same != nil {
			before = median(same.took)
		}
		if now := median(r.took); now-before >= worth {
			list = append(list, longer{now - before, fmt.Sprintf("%v\t%v\t%s\t%s\t%s", rounded(before), rounded(now), r.process, r.kind, r.name)})
		}
	}
	slices.SortStableFunc(list, func(a, b longer) int { return int(b.by - a.by) })
	for _, l := range list {
		fmt.Fprintln(w, l.text)
	}
	w.Flush()
}

// collect adds a round to the rows. If a process does a step several times in a round,
// the times are added up and the step begins with the first.
func collect(rows []*row, spans []trace.Span) []*row {
	seen := map[*row]int{} // index of this round's time in the row
	for _, s := range spans {
		r := (&profile{rows: rows}).find(&row{process: s.Process, kind: s.Kind, name: s.Name})
		if r == nil {
			r = &row{process: s.Process, kind: s.Kind, name: s.Name}
			rows = append(rows, r)
		}
		if at, again := seen[r]; again {
			r.took[at] += s.Length
			continue
		}
		seen[r] = len(r.took)
		r.begun = append(r.begun, time.Duration(s.Begin))
		r.took = append(r.took, s.Length)
	}
	return rows
}

func readTrace(path string) ([]trace.Span, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return trace.Read(file)
}

func rounded(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// beside prints how much longer a boot takes while that many other zones run. The time
// without them is measured before and after.
func (m *machine) beside(zones, rounds int) error {
	var alone, crowded []time.Duration
	var aloneSteps, crowdedSteps profile
	measure := func(times *[]time.Duration, rounds int) error {
		for range rounds {
			took, err := m.boot("")
			if err != nil {
				return err
			}
			*times = append(*times, took)
		}
		return nil
	}
	if err := measure(&alone, (rounds+1)/2); err != nil {
		return err
	}
	begin := time.Now()
	if err := m.crowd(zones); err != nil {
		return err
	}
	started := time.Since(begin)
	if err := measure(&crowded, rounds); err != nil {
		return err
	}
	if err := crowdedSteps.trace(m, rounds); err != nil {
		return err
	}
	if err := m.disperse(zones); err != nil {
		return err
	}
	if err := measure(&alone, (rounds+1)/2); err != nil {
		return err
	}
	if err := aloneSteps.trace(m, rounds); err != nil {
		return err
	}
	a, b := median(alone), median(crowded)
	fmt.Printf("\n%-26s %10s %10s %8s\n", fmt.Sprintf("median of %d rounds", rounds), "alone", fmt.Sprintf("beside %d", zones), "ratio")
	fmt.Printf("%-26s %10s %10s %8.2f\n", "boot to init running", rounded(a), rounded(b), float64(b)/float64(a))
	fmt.Printf("(the %d zones were installed and booted in %v)\n", zones, started.Round(time.Second))
	slower(&aloneSteps, &crowdedSteps)
	return crowdedSteps.few()
}

func neighbour(i int) string { return fmt.Sprintf("n%03d", i) }

// crowd configures, installs and boots zones like web, a few at a time.
func (m *machine) crowd(zones int) error {
	if err := m.configure(zones, neighbour); err != nil {
		return err
	}
	return m.each(zones, "install", "boot")
}

// configure adds the configurations of zones like web.
func (m *machine) configure(zones int, called func(int) string) error {
	config, err := os.ReadFile(filepath.Join(m.top, "etc/zones/web.xml"))
	if err != nil {
		return err
	}
	index, err := os.OpenFile(filepath.Join(m.top, "etc/zones/index"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer index.Close()
	for i := range zones {
		name := called(i)
		other := strings.NewReplacer(`name="web"`, `name="`+name+`"`, `"/zones/web"`, `"/zones/`+name+`"`).Replace(string(config))
		if err := os.WriteFile(filepath.Join(m.top, "etc/zones", name+".xml"), []byte(other), 0o644); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(index, "%s:configured:/zones/%s:\n", name, name); err != nil {
			return err
		}
	}
	return nil
}

// disperse halts them.
func (m *machine) disperse(zones int) error { return m.each(zones, "halt") }

// each runs verbs on all of these zones, two zones at a time.
func (m *machine) each(zones int, verbs ...string) error {
	const workers = 2
	errs := make(chan error, workers)
	for first := range workers {
		go func() {
			for i := first; i < zones; i += workers {
				for _, verb := range verbs {
					if _, err := timed(m.zoneadm, "-z", neighbour(i), verb); err != nil {
						errs <- err
						return
					}
				}
			}
			errs <- nil
		}()
	}
	var failed error
	for range workers {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	return failed
}
