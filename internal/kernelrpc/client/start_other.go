//go:build !linux

package client

import (
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/door"
)

func connect() (*door.Conn, error) { return door.Dial(locate.KernelDoor(locate.RunDir())) }
