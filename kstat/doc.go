// Package kstat reads kernel statistics (kstat(3KSTAT)). On illumos they are those of
// the host, read through libkstat (github.com/illumos/go-kstat) with cgo and through
// /dev/kstat without. On other systems they are the zones' statistics from the host's
// embedded kernel.
//
//	h, err := kstat.Open()
//	if err != nil {
//		return err
//	}
//	defer h.Close()
//	stats, err := h.Read(kstat.Filter{Module: "zones"})
package kstat
