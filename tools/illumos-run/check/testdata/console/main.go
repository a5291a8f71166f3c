// Console opens the zone's side of the console that its argument names, writes a line there,
// and prints the line that is typed.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"syscall"

	"github.com/gozones/zones/sys/zcons"
)

func main() {
	f, err := os.OpenFile(zcons.ZonePath(os.Args[1]), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintln(f, "from inside")
	in := bufio.NewScanner(f)
	in.Scan()
	fmt.Println("got", in.Text())
}
