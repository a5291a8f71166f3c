package host_test

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// strict is a host that rejects zones outside /zones and leaves the rest to another.
type strict struct{ host.Host }

func (s strict) CreateZone(spec *host.Spec) (int32, error) {
	if !strings.HasPrefix(spec.Root, "/zones/") {
		return 0, errno.EACCES
	}
	return s.Host.CreateZone(spec)
}

// A kernel on a host that wraps another one.
func Example() {
	k, err := kernel.New(kernel.Config{Host: strict{sim.New()}})
	if err != nil {
		panic(err)
	}
	fmt.Println(k.Global().Create(&zone.Def{Name: "web", Root: "/zones/web/root"}))
	_, err = k.Global().Create(&zone.Def{Name: "db", Root: "/tmp"})
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// zone_create db: Permission denied (EACCES)
}
