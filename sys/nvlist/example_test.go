package nvlist_test

import (
	"fmt"

	"github.com/gozones/zones/sys/nvlist"
)

// The resource controls of a zone, as zone_create takes them.
func Example() {
	value := nvlist.New(nvlist.UniqueName)
	value.AddUint64("privilege", 0x4000000)
	value.AddUint64("limit", 200)
	value.AddUint64("action", 2)
	rctls := nvlist.New(nvlist.UniqueName)
	rctls.AddListArray("zone.max-lwps", value)
	packed, err := rctls.Pack(nvlist.Native)
	if err != nil {
		panic(err)
	}
	back, err := nvlist.Unpack(packed)
	if err != nil {
		panic(err)
	}
	for pair := range back.Pairs() {
		values, err := pair.Lists()
		if err != nil {
			panic(err)
		}
		limit, err := values[0].LookupUint64("limit")
		fmt.Println(pair.Name(), limit, err)
	}
	// Output: zone.max-lwps 200 <nil>
}
