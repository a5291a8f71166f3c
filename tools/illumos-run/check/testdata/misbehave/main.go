// Misbehave does something that illumos-run doesn't implement, selected by its argument.
package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	switch os.Args[1] {
	case "nothing":
		os.Stdout.WriteString("ran\n")
	case "status":
		os.Exit(42)
	case "signal":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "function":
		unix.Getmsg(0, nil, nil)
	case "open":
		unix.Open("/", 0x4000, 0)
	case "access":
		unix.Open("/", 3, 0)
	case "fcntl":
		unix.FcntlInt(0, 4242, 0)
	case "mmap":
		unix.Mmap(-1, 0, 4096, unix.PROT_READ, unix.MAP_ANON|unix.MAP_PRIVATE|0x40000000)
	case "madvise":
		unix.Madvise(make([]byte, 4096), 77)
	case "wait":
		unix.Wait4(-1, nil, 0x100, nil)
	case "sysconf":
		unix.Sysconf(4321)
	case "crash":
		*(*byte)(nil) = 0
	}
}
