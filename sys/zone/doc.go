// Package zone is the zone(2) system call: every subcode as a method of
// [System], every constant and structure of <sys/zone.h> under a Go name, and
// the typed helpers (attributes, lists, state changes) written once on top.
//
// Three things implement System: the illumos system call, an embedded kernel in
// the same process, and a client that reaches an embedded kernel in another
// process over a door. Package machine opens the one that serves this machine.
package zone
