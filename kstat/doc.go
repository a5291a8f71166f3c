// Package kstat reads kernel statistics with one interface everywhere: on illumos
// those of the machine, through libkstat (github.com/illumos/go-kstat) in a build
// with cgo and through /dev/kstat in one without, elsewhere those that the
// embedded kernel keeps of zones.
//
//	h, err := kstat.Open()
//	if err != nil {
//		return err
//	}
//	defer h.Close()
//	stats, err := h.Read(kstat.Filter{Module: "zones"})
package kstat
