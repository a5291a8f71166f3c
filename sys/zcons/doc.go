// Package zcons makes the consoles of zones (zcons(4D) of illumos).
//
// A console has two sides: the manager's, which the zone's daemon has open, and the zone's,
// which is /dev/console inside. It is a device of its own: it stays while the zone is halted
// and when the daemon dies. What is written to a side whose other one isn't open is lost.
//
// The device is made by a request to the driver that is its parent. The links to it in /dev
// are made by devfsadm(8).
package zcons
