package secflags_test

import (
	"fmt"

	"github.com/gozones/zones/sys/secflags"
)

// The flags of a zone, from its configuration to the kernel's attribute.
func Example() {
	sets, err := secflags.Config{Default: "aslr,noexecstack", Lower: "aslr"}.Sets()
	if err != nil {
		panic(err)
	}
	fmt.Print(sets)
	raw, err := sets.AppendBinary(nil)
	fmt.Println(len(raw), err)
	// Output:
	// 	E:	aslr,noexecstack
	// 	I:	aslr,noexecstack
	// 	L:	aslr
	// 	U:	aslr,forbidnullmap,noexecstack
	// 32 <nil>
}

func ExampleParse() {
	d, err := secflags.Parse("current,forbidnullmap,-aslr", nil)
	fmt.Println(d.Of(secflags.Of(secflags.ASLR, secflags.NoExecStack)), err)
	d, err = secflags.Parse("all,!aslr", nil)
	fmt.Println(d, err)
	// Output:
	// forbidnullmap,noexecstack <nil>
	// forbidnullmap,noexecstack <nil>
}

func ExampleSets_Apply() {
	sets := secflags.Default()
	which, delta, err := secflags.ParseSpec("L=current,aslr")
	if err != nil {
		panic(err)
	}
	fmt.Println(sets.Apply(which, delta), sets.Inherit)
	_, delta, _ = secflags.ParseSpec("current,-aslr")
	fmt.Println(sets.Apply(secflags.Inherit, delta))
	// Output:
	// <nil> aslr
	// security flags "current,-aslr": aslr is in the lower set
}

func ExampleConfig_Verify() {
	messages, ok := secflags.Config{Default: "all", Upper: "aslr"}.Verify()
	fmt.Println(messages, ok)
	// Output: [default secflags must be within the upper limit] false
}
