package zone_test

import (
	"fmt"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/zone"
)

// A zone is made from one definition, booted and removed again. The kernel is one in
// memory; a program gets that of its host from zones.Open.
func Example() {
	memory, err := kernel.New(kernel.Config{})
	if err != nil {
		panic(err)
	}
	defer memory.Close()
	var k zone.Kernel = memory.Global().Local()

	web, err := k.Make(&zone.Definition{
		Def: zone.Def{Name: "web", Root: "/zones/web/root"},
		Steps: []zone.Step{
			zone.TextAttribute(zone.AttrFSAllowed, "tmpfs"),
			{Mount: &zone.Mount{Special: "swap", Point: "/tmp", FSType: "tmpfs"}},
		},
	})
	if err != nil {
		panic(err)
	}
	if _, err := k.BootWith(web.ID, []zone.Step{zone.TextAttribute(zone.AttrInitName, "/sbin/init")}); err != nil {
		panic(err)
	}
	table, err := k.Table()
	if err != nil {
		panic(err)
	}
	for _, z := range table.Zones {
		fmt.Println(z.ID, z.Name, z.Status)
	}

	_, err = k.Make(&zone.Definition{Def: zone.Def{Name: "web", Root: "/zones/other"}})
	fmt.Println(err)

	if err := k.Shutdown(web.ID); err != nil {
		panic(err)
	}
	if err := k.Destroy(web.ID); err != nil {
		panic(err)
	}
	_, err = k.Lookup("web")
	fmt.Println(err)
	// Output:
	// 0 global running
	// 1 web running
	// zone_create web: File exists (EEXIST)
	// zone_lookup web: Invalid argument (EINVAL)
}
