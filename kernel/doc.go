// Package kernel is the illumos zone subsystem in Go: the states of a zone and
// how it passes through them, ids, names, references, privileges, resource
// controls, zone-specific data, data links, statistics and events, with the
// results, errors and order of events that the C code has. It makes no system
// call; what must come true for real processes is left to a [host.Host].
//
// A [Kernel] is asked through a [Proc], the process that makes the call:
// [Proc.Syscall] is zone(2) as a program makes it, and the methods of
// [zone.System] are the same calls for Go.
package kernel
