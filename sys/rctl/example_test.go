package rctl_test

import (
	"fmt"

	"github.com/gozones/zones/sys/rctl"
)

// The controls of a zone, from its configuration to what zone_create takes.
func Example() {
	lwps, _ := rctl.LookupAlias("max-lwps")
	limit, err := lwps.Parse("2000")
	if err != nil {
		panic(err)
	}
	set, _, err := rctl.ZoneSet([]rctl.TextEntry{lwps.Entry(limit)}, rctl.Controls())
	if err != nil {
		panic(err)
	}
	packed, err := set.Pack()
	if err != nil {
		panic(err)
	}
	again, err := rctl.Unpack(packed)
	for _, e := range again {
		fmt.Println(e.Name, e.Values[0])
	}
	fmt.Println(err)
	// Output:
	// zone.max-lwps (priv=privileged,limit=2000,action=deny)
	// zone.max-processes (priv=privileged,limit=2000,action=deny)
	// <nil>
}

func ExampleControl_Parse() {
	swap, _ := rctl.Lookup("zone.max-swap")
	fmt.Println(swap.Parse("1.5g"))
	cap, _ := rctl.Lookup("zone.cpu-cap")
	fmt.Println(cap.Parse("50%"))
	lwps, _ := rctl.Lookup("zone.max-lwps")
	fmt.Println(lwps.Parse("1m"))
	fmt.Println(lwps.Parse("3g"))
	// Output:
	// 1610612736 <nil>
	// 50 <nil>
	// 1000000 <nil>
	// 0 rctl zone.max-lwps: 3g is more than the largest limit, 2147483647
}

func ExampleSet_Check() {
	var s rctl.Set
	s.Put("zone.cpu-shares", rctl.Limited(10, rctl.Deny))
	fmt.Println(s.Check())
	// Output: rctl zone.cpu-shares (priv=privileged,limit=10,action=deny): the control can't deny: use action none
}

func ExampleFormatScaled() {
	number, unit := rctl.FormatScaled(1<<64-1, rctl.GlobalBytes)
	fmt.Println(number + unit)
	// Output: 16.0EB
}
