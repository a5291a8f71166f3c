package zones_test

import (
	"fmt"
	"log"
	"os"

	"github.com/gozones/zones"
	"github.com/gozones/zones/sys/zone"
)

// A program that boots a zone if need be and runs a command in it. (It is compiled
// with the tests and not run by them: it is about the machine's own zones.)
func Example() {
	m, err := zones.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	web, err := m.Zone("web")
	if err != nil {
		log.Fatal(err)
	}
	if err := web.Boot("-m", "verbose"); err != nil {
		log.Fatal(err)
	}
	status, err := web.Run(&zone.Cmd{Path: "/usr/bin/id", Stdout: os.Stdout, Stderr: os.Stderr})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("id ended with status", status.Code)
}
