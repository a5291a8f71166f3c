package main

import (
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/door"
)

// zoneProbe opens the kernel's door without starting anything.
func zoneProbe(run string) (*door.Conn, error) { return door.Dial(locate.KernelDoor(run)) }
