package zcons

import (
	"fmt"
	"os"
)

// links is where devfsadm makes the links to the consoles.
const links = "/dev/zcons/"

// ManagerPath returns the path of the manager's side of a zone's console.
func ManagerPath(zone string) string { return links + zone + "/globalconsole" }

// ZonePath returns the path of the zone's side of a zone's console, in the global zone.
func ZonePath(zone string) string { return links + zone + "/zoneconsole" }

// Make makes the console of a zone unless it has one, and has the driver hold the zone's
// side: while it is held, the zone can't remove the modules that make it a terminal.
//
// EACCES for a caller who isn't root; EBUSY while the manager's side is open; ENOTSUP on
// systems other than illumos.
func Make(zone string) error { return failed("making", zone, makeDevice(zone)) }

// Open opens the manager's side of a zone's console in non-blocking mode: closing the file
// wakes its readers. EBUSY while another process has it open.
func Open(zone string) (*os.File, error) {
	manager, err := open(zone)
	return manager, failed("opening", zone, err)
}

// Remove releases the zone's side and removes the console. Both sides must have been closed,
// or it is EBUSY. A zone without a console is no error.
func Remove(zone string) error { return failed("removing", zone, removeDevice(zone)) }

func failed(what, zone string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s the console of zone %s: %w", what, zone, err)
}
