// Package libc calls functions of illumos' C library without a C compiler, as
// golang.org/x/sys/unix does: the linker imports the symbol and the runtime calls it
// on a system stack. No other package does that. [Interfaces] lists the functions; on
// other systems only the list is built.
//
// Doors and event channels call back, on threads that Go didn't create. They enter a
// few lines of assembly that touch nothing of Go: it passes the arguments through a
// pipe or a semaphore to a goroutine, which answers.
package libc
