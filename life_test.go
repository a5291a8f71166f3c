package zones_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gozones/zones"
	"github.com/gozones/zones/zonecfg"
)

// The whole life of a zone. (The tests run this as root and as an ordinary user, with
// zones that have processes.)
func Example() {
	m, err := zones.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	web, err := m.Create(ctx, &zonecfg.Zone{
		Name:     "web",
		Zonepath: "/zones/web",
		Brand:    "sparse", // its programs are the host's
		BootArgs: "-m verbose",
	})
	if err != nil {
		log.Fatal(err)
	}
	done := func(verb string, err error) {
		if err == nil {
			err = web.Refresh()
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", verb, web.State)
	}
	done("create", nil)
	done("install", web.Install(ctx, zones.InstallOptions{}))
	done("boot", web.Boot(ctx, zones.BootOptions{}))

	out, err := web.Command(ctx, "sh", "-c", "echo $(uname -n) has pid $$, user $(id -u)").Output()
	fmt.Printf("%s", out)
	done("command", err)

	done("halt", web.Halt(ctx, zones.HaltOptions{}))
	done("uninstall", web.Uninstall(ctx, zones.UninstallOptions{}))
	if err := web.Delete(ctx, zones.DeleteOptions{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("delete:", errors.Is(web.Refresh(), zones.ErrNotConfigured))
}
