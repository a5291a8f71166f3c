package lang_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/lang"
)

// A session does to a zone what zonecfg(8) does. Here the zones are those below a
// directory; on a machine the root is empty.
func ExampleSession() {
	root, err := os.MkdirTemp("", "zones")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	store := zonecfg.Open(root, root+"/run")

	s := lang.New("web", lang.Options{Store: store, Out: os.Stdout, Err: os.Stdout})
	status := s.RunWords([]string{"create; set zonepath=/zones/web; set max-lwps=50; set max-lwps=500; info max-lwps; export"})
	fmt.Println("exit status", status)
	// Output:
	// max-lwps property is out of range.
	// [max-lwps: 500]
	// create -b
	// set zonepath=/zones/web
	// set autoboot=false
	// set ip-type=shared
	// add rctl
	// set name="zone.max-lwps"
	// add value (priv=privileged,limit=500,action=deny)
	// end
	// exit status 1
}

func ExampleInfo() {
	z := &zonecfg.Zone{Name: "web", Zonepath: "/zones/web", Brand: "sparse"}
	z.Append(zonecfg.FS{Dir: "/www", Special: "/export/www", Type: "lofs", Options: []string{"ro"}})
	var text strings.Builder
	lang.Info(&text, z)
	for line := range strings.Lines(text.String()) {
		fmt.Println(strings.TrimRight(line, " \n")) // what isn't set ends in a blank
	}
	// Output:
	// zonename: web
	// zonepath: /zones/web
	// brand: sparse
	// autoboot: false
	// bootargs:
	// pool:
	// limitpriv:
	// scheduling-class:
	// ip-type: shared
	// hostid:
	// fs-allowed:
	// fs:
	// 	dir: /www
	// 	special: /export/www
	// 	raw not specified
	// 	type: lofs
	// 	options: [ro]
}

func ExampleExport() {
	z := &zonecfg.Zone{Name: "web", Zonepath: "/zones/web", Brand: "sparse", BootArgs: "-m verbose"}
	lang.Export(os.Stdout, z)
	// Output:
	// create -b
	// set zonepath=/zones/web
	// set brand=sparse
	// set autoboot=false
	// set bootargs="-m verbose"
	// set ip-type=shared
}

func ExampleChanges() {
	a := &zonecfg.Zone{Name: "web", Zonepath: "/zones/web"}
	b := a.Clone()
	b.Autoboot = true
	lang.WriteChanges(os.Stdout, lang.Changes(a, b))
	// Output:
	// -autoboot: false
	// +autoboot: true
}
