// Package reclock takes record locks of fcntl(2) on whole files: the kind of lock that
// the system's own tools take, and that another kind would not keep out. A process
// holds such a lock, not a descriptor or a goroutine; it goes when the process closes
// any descriptor of the file.
package reclock
