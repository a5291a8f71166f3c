package errno

import "syscall"

// fromHost translates the host's number, which is illumos' own here.
func fromHost(h syscall.Errno) (Errno, bool) { return Errno(h), true }
