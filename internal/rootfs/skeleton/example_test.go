package skeleton_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gozones/zones/internal/rootfs/skeleton"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

func Example() {
	root, err := os.MkdirTemp("", "root")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	b, err := brand.Open(brand.Dir, "sparse")
	if err != nil {
		panic(err)
	}
	err = skeleton.Install(context.Background(), b, &skeleton.Installation{Zone: &zonecfg.Zone{Name: "web"}, Root: root})
	info, statErr := os.Stat(filepath.Join(root, b.InitName))
	fmt.Println(err, statErr, info.Mode())
	// Output: <nil> <nil> -rwxr-xr-x
}
