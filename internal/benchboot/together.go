package main

import (
	"fmt"
	"runtime"
	"time"
)

// maxTogether is how many times as long as one zone ten zones may take that one command
// boots, on a host with at least enoughCPUs. With fewer, the processors are busy all the
// time: the ratio is that of ten boots' processor time to the time of one.
const (
	maxTogether = 4
	enoughCPUs  = 4
)

// together prints how much longer it takes to boot many zones with one command than to boot
// one. The two alternate. It returns an error if ten zones take too long though there are
// processors enough.
func (m *machine) together(zones, rounds int) error {
	called := func(i int) string { return fmt.Sprintf("t%03d", i) }
	if err := m.configure(zones, called); err != nil {
		return err
	}
	named := []string{m.zoneadm}
	for i := range zones {
		if _, err := timed(m.zoneadm, "-z", called(i), "install"); err != nil {
			return err
		}
		named = append(named, "-z", called(i))
	}
	sides := []struct {
		argv  []string
		times []time.Duration
	}{{argv: []string{m.zoneadm, "-z", called(0)}}, {argv: named}}
	for round := -1; round < rounds; round++ { // the first round warms up
		for i := range sides {
			s := &sides[i]
			time.Sleep(settle)
			took, err := timed(append(s.argv[:len(s.argv):len(s.argv)], "boot")...)
			if err != nil {
				return err
			}
			if _, err := timed(append(s.argv[:len(s.argv):len(s.argv)], "halt")...); err != nil {
				return err
			}
			if round >= 0 {
				s.times = append(s.times, took)
			}
		}
	}
	one, all := median(sides[0].times), median(sides[1].times)
	ratio := float64(all) / float64(one)
	fmt.Printf("\n%-26s %10s %10s %8s\n", fmt.Sprintf("median of %d rounds", rounds), "one", fmt.Sprintf("%d at once", zones), "ratio")
	fmt.Printf("%-26s %10s %10s %8.2f\n", "boot to init running", rounded(one), rounded(all), ratio)
	fmt.Printf("(%d processors)\n", runtime.NumCPU())
	if zones <= 10 && ratio >= maxTogether && runtime.NumCPU() >= enoughCPUs {
		return fmt.Errorf("%d zones take %.2f times as long as one, not less than %d", zones, ratio, maxTogether)
	}
	return nil
}
