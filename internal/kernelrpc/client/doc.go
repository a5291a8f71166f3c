// Package client is the embedded kernel in another process, as a [zone.Kernel]: it
// finds that process by its door, starts it on first use, and makes the calls of
// package wire. A connection carries one call at a time; a client opens as many as it
// has calls under way.
package client
