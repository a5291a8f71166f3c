package devfs_test

import (
	"fmt"

	"github.com/gozones/zones/sys/devfs"
)

func ExampleProfile_String() {
	fmt.Print(devfs.Profile{
		{Kind: devfs.Include, Name: "pts/*"},
		{Kind: devfs.Map, Name: "zcons/web/zoneconsole", Target: "zconsole"},
		{Kind: devfs.Symlink, Name: "console", Target: "zconsole"},
	})
	// Output:
	// include pts/*
	// map zcons/web/zoneconsole zconsole
	// symlink console zconsole
}
