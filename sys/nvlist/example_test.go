package nvlist_test

import (
	"fmt"
	"os"

	"github.com/gozones/zones/sys/nvlist"
)

// The resource controls of a zone, in the form that zone_create takes.
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

// control is the value of a resource control as a Go struct.
type control struct {
	Privilege uint64 `nv:"privilege"`
	Limit     uint64 `nv:"limit"`
	Action    uint64 `nv:"action"`
}

// The same list from Go values and back.
func ExampleMarshal() {
	packed, err := nvlist.Marshal(map[string][]control{
		"zone.max-lwps": {{Privilege: 0x4000000, Limit: 200, Action: 2}},
	}, nvlist.Native)
	if err != nil {
		panic(err)
	}
	var rctls map[string][]control
	fmt.Println(nvlist.Unmarshal(packed, &rctls), rctls)
	// Output: <nil> map[zone.max-lwps:[{67108864 200 2}]]
}

func ExampleEncode() {
	l, err := nvlist.Encode(struct {
		Name  string   `nv:"name"`
		Ready bool     `nv:"ready,boolean"`
		Links []uint32 `nv:"links,omitempty"`
	}{"web", true, nil})
	if err != nil {
		panic(err)
	}
	fmt.Print(l)
	// Output:
	// nvlist version: 0
	// 	name = web
	// 	ready = 1
}

func ExampleList_Dump() {
	l := nvlist.New(nvlist.UniqueName)
	l.AddString("zone", "web")
	l.AddUint32Array("links", []uint32{3, 4})
	if err := l.Dump(os.Stdout, 0); err != nil {
		panic(err)
	}
	// Output:
	// zone: 'web'
	// links[0]: 3
	// links[1]: 4
}

func ExampleList_Merge() {
	l := nvlist.New(nvlist.UniqueName)
	l.AddUint32("shares", 1)
	l.AddString("zone", "web")
	changes := nvlist.New(0)
	changes.AddUint32("shares", 5)
	l.Merge(changes)
	fmt.Print(l)
	// Output:
	// nvlist version: 0
	// 	zone = web
	// 	shares = 0x5
}
