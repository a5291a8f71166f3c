// Package zoneadmd is the daemon of a zone. It makes the zone ready, boots, halts and
// reboots it, for callers at its door and for the kernel, which calls when a program
// in the zone shuts it down or reboots it; and it serves the zone's console.
//
// Each active zone has one daemon. A command starts it when it needs it. It exits when
// the zone is installed and no client is connected to the console. A zone continues to
// run if its daemon dies; the next daemon takes it over.
package zoneadmd
