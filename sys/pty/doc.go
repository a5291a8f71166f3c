// Package pty makes pseudo-terminals on illumos: opens a manager from /dev/ptmx,
// gives its terminal to a zone, and sets the terminal up with the modules that
// make it one. Mode and size of a terminal, of whatever kind, are here too.
//
// A pair is moved into a zone while only the manager is open; the terminal is then
// opened by a process inside, by the same name. On other systems each call fails
// with ENOTSUP: there the kernel that runs the zones hands managers out. Mode, size
// and name of a terminal are for Linux too.
package pty
