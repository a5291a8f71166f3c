// Package machine opens the kernel that answers for the zones of this machine: on
// illumos the system itself, elsewhere the embedded kernel's process, which is
// started on first use. It stands apart from sys/zone because the way to that
// process is made of sys/zone's own types.
package machine
