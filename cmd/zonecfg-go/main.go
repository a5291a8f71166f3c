// Command zonecfg-go configures zones, as zonecfg(8) does.
package main

import (
	"os"
	"os/signal"

	"github.com/gozones/zones/internal/locate"
)

func main() {
	signal.Ignore(os.Interrupt)
	os.Exit(run(os.Args[1:], process{in: os.Stdin, out: os.Stdout, err: os.Stderr, root: locate.Root(), runDir: locate.RunDir()}))
}
