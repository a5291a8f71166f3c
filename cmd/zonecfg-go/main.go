// Command zonecfg-go configures zones, as zonecfg(8) does.
package main

import (
	"os"
	"os/signal"

	"github.com/gozones/zones/internal/locate"
)

func main() {
	signal.Ignore(os.Interrupt)
	os.Exit(run(os.Args[1:], process{os.Stdin, os.Stdout, os.Stderr, locate.Root(), locate.RunDir()}))
}
