// Package check tests illumos-run. The tests for GOOS=illumos are run by it and check that
// a guest sees what it would see on illumos, where they pass too. The tests for Linux run
// guests: that illumos-run stops at what it doesn't implement, and that a program built by
// others prints the same as its Linux build.
package check
