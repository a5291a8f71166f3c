package main

import (
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/kdoor"
)

// zoneProbe opens the kernel's door without starting anything.
func zoneProbe(run string) (*door.Conn, error) { return door.Dial(kdoor.Door(run)) }
