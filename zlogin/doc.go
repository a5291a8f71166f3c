// Package zlogin enters zones, as zlogin(1) does: it runs a command in a zone with
// the caller's standard files, opens a session on a terminal of the zone's own,
// or talks to the zone's console, which its zoneadmd serves.
package zlogin
