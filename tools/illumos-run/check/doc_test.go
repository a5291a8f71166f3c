// Package check tests illumos-run from both sides. The tests for GOOS=illumos run
// inside it, and hold what a guest sees against what an illumos system would
// show: they pass on one as well. The tests for Linux look at it from outside: how
// it stops at what it doesn't know, and whether a program that others built gives
// the same output as its Linux build.
package check
