// Package kernelproc is the kernel process: the embedded kernel on a host that isn't
// illumos, behind a door for other programs. A run directory has at most one kernel
// process.
package kernelproc
