// Package machine opens the kernel that manages the zones of this machine: the system itself
// on illumos, else the embedded kernel's process, which is started on first use. It isn't a
// part of sys/zone because both kernels are built on sys/zone's types.
package machine
