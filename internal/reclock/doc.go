// Package reclock locks whole files with fcntl(2), as the system's own tools do; locks of
// another kind wouldn't exclude those. The process holds the lock, not a descriptor or a
// goroutine: it is released when the process closes any descriptor of the file.
package reclock
