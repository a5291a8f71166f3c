// Package zoneadm does what zoneadm(8) does: it brings together what the kernel
// and the configuration say of the zones of a machine.
package zoneadm
