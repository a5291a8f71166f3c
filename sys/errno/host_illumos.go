package errno

import "syscall"

// fromHost translates the host's number; here it already is the illumos one.
func fromHost(h syscall.Errno) (Errno, bool) { return Errno(h), true }
