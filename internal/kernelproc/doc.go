// Package kernelproc is the kernel process: the embedded kernel on a host, behind a
// door, for the programs of a machine that isn't illumos. A run directory has at most
// one of them.
package kernelproc
