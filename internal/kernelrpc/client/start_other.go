//go:build !linux

package client

import "github.com/gozones/zones/sys/door"

// connect connects to the kernel process of the run directory. This system has no
// kernel process that could be started.
func connect(runDir string) (*door.Conn, error) { return dial(runDir) }
