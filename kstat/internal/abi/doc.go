// Package abi has the layouts and constants of <sys/kstat.h>, with their C names. It
// contains only declarations; package kstat uses them.
package abi

// lp64 is 1 if the Go structures have the sizes of the illumos ones, and 0 on 32-bit
// systems, where the sizes aren't checked.
const lp64 = ^uintptr(0) >> 63
