package zcons_test

import (
	"fmt"

	"github.com/gozones/zones/sys/zcons"
)

// A profile of a zone's /dev has the zone's side of the console as zconsole.
func ExampleZonePath() {
	fmt.Println(zcons.ZonePath("web"))
	// Output: /dev/zcons/web/zoneconsole
}
