package zoneadmd_test

import (
	"fmt"

	"github.com/gozones/zones/internal/zoneadmd"
)

func ExampleParseBootArgs() {
	args := zoneadmd.ParseBootArgs("-i /sbin/other -s -m verbose one two")
	fmt.Printf("init %s gets %q; unused: %q\n", args.Init, args.Passed, args.Bad)
	// Output:
	// init /sbin/other gets " -s  -m verbose"; unused: "one two"
}
