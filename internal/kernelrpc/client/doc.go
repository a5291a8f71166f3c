// Package client is the embedded kernel in another process, as a [zone.Kernel] and an
// [rctl.System]. It connects to the kernel process by its door and makes the calls of
// package wire. A connection carries one call at a time; a client has as many connections
// as it has calls in progress.
package client
