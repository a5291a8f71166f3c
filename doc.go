// Package zones is the short way to the zones of a machine for programs: open the
// machine, look a zone up, boot and halt it, run a command inside, follow what
// happens. It puts together packages that can do more, each on its own: zonecfg
// configures zones, zoneadm installs and lists them, sys/zone is the system call.
//
// On illumos the zones are the system's. Elsewhere they are those of the embedded
// kernel's process, which is started on first use; see package sys/machine for
// where it keeps what it needs. Booting and halting is done by the zone's daemon,
// as it is for the commands: zoneadmd of the system, or zoneadmd-go, which must be
// beside the program or in PATH, and so must zones-kernel.
package zones
