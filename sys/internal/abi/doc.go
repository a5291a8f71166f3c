// Package abi declares the structures and numbers of illumos kernel interfaces
// that packages below sys/ pass to the system, for amd64, one file per header.
// Names are those of C, fields are in C's order. There is no behaviour here, and
// nothing depends on the operating system: tests compare the declarations with
// testdata/abi/abi.json everywhere, and package headers compares them with the system's
// own headers. The packages of sys/ export them under names of their own.
package abi

// lp64 is 1 if the Go structures have the sizes of the illumos ones, and 0 on 32-bit
// systems, where the sizes aren't checked.
const lp64 = ^uintptr(0) >> 63
