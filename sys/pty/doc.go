// Package pty opens pseudo-terminals on illumos and moves them into zones, and reads and
// sets the mode and size of terminals on illumos and Linux.
//
// A pair of a manager (/dev/ptmx) and a terminal is moved into a zone while only the
// manager is open; a process in the zone then opens the terminal by the same name. On
// systems other than illumos [Open] and what follows it fail with ENOTSUP: on Linux the
// embedded kernel makes the pairs of zones.
package pty
