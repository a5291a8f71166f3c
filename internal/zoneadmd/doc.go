// Package zoneadmd is the daemon of a zone. It makes the zone ready, boots, halts
// and reboots it, for callers at its door and for the kernel, which asks when
// something inside wants the zone to end; and it holds the zone's console.
//
// There is one daemon for a zone that is active or has just been dealt with. It is
// started by whoever needs it and leaves by itself when the zone is installed and
// nobody looks at the console. A zone runs on when its daemon dies; the next one
// picks it up.
package zoneadmd
