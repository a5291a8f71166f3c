// Package libc calls functions of illumos' C library without a C compiler, the
// way golang.org/x/sys/unix does: the linker imports the symbol and the runtime
// calls it on a system stack. It is the one place where that is done, and
// [Symbols] is the list of what is imported; on other systems there is only the
// list.
//
// Some functions of the system call back, on threads that Go didn't make: doors
// and event channels. The code that they enter is a few lines of assembly which
// touch nothing of Go: they pass what they were given on through a pipe or a
// semaphore, and Go code answers on a goroutine.
package libc
