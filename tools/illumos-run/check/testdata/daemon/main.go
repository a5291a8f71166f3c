// Daemon is the daemon of the zone named by its argument, with its log on standard output.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/internal/zoneadmd"
	"github.com/gozones/zones/zonecfg"
)

func main() {
	kernel, err := machine.Open()
	if err != nil {
		log.Fatal(err)
	}
	d, err := zoneadmd.Start(zoneadmd.Config{
		Zone: os.Args[1], Kernel: kernel, RunDir: locate.RunDir(),
		Store: zonecfg.Open(locate.Root(), locate.RunDir()),
		Log:   func(line string) { fmt.Println(line) },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("serves")
	d.Run()
}
