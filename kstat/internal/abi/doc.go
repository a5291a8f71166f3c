// Package abi has the layouts and constants of <sys/kstat.h>, named as there. It is
// facts only; package kstat gives them behaviour.
package abi

// lp64 is 1 where the Go structures have the sizes of the illumos ones, 0 on systems
// of 32 bits: the sizes are held there only.
const lp64 = ^uintptr(0) >> 63
