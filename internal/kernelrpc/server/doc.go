// Package server lets other programs call a kernel through a door. Who calls is
// told by the system: the process at the other end of a connection, the zone that
// the host finds it in, and its user. Only root and the user that the kernel runs
// as may change anything.
package server
