package kernel_test

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// A kernel in memory, called as a program calls illumos.
func Example() {
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		panic(err)
	}
	var sys zone.System = k.Global()
	id, err := sys.Create(&zone.Def{Name: "web", Root: "/zones/web/root"})
	if err != nil {
		panic(err)
	}
	fmt.Println(zone.StatusOf(sys, id))
	fmt.Println(sys.Boot(id))
	fmt.Println(zone.StatusOf(sys, id))
	_, err = sys.Create(&zone.Def{Name: "web", Root: "/zones/other/root"})
	fmt.Println(errors.Is(err, errno.EEXIST))
	// Output:
	// ready <nil>
	// <nil>
	// running <nil>
	// true
}
