package sysevent_test

import (
	"fmt"

	"github.com/gozones/zones/sys/nvlist"
	"github.com/gozones/zones/sys/sysevent"
)

func Example() {
	attributes := nvlist.New(nvlist.UniqueName)
	attributes.AddString("zonename", "web")
	raw, err := (&sysevent.Event{Class: "status", Subclass: "change", Publisher: "sun.com:kernel", Attributes: attributes}).MarshalBinary()
	if err != nil {
		panic(err)
	}
	var e sysevent.Event
	if err := e.UnmarshalBinary(raw); err != nil {
		panic(err)
	}
	name, _ := e.Attributes.LookupString("zonename")
	fmt.Println(e.Class, e.Subclass, name)
	// Output: status change web
}
