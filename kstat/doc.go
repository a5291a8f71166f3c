// Package kstat reads kernel statistics (kstat(3KSTAT)). On illumos they are those of the
// machine, read through libkstat (github.com/illumos/go-kstat) with cgo and through
// /dev/kstat without. On other systems they are those of zones, which the machine's
// embedded kernel has.
//
//	h, err := kstat.Open()
//	if err != nil {
//		return err
//	}
//	defer h.Close()
//	stats, err := h.Read(kstat.Filter{Module: "zones"})
package kstat
