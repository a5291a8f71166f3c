// Package kstat is what the illumos kernel counts: its statistics as they come
// through libkstat (github.com/illumos/go-kstat) in a build with cgo, and through
// /dev/kstat in one without. Package kstat at the top of this module is the same for
// programs that run elsewhere too.
package kstat
