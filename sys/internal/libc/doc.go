// Package libc calls functions of illumos' C library without a C compiler, the
// way golang.org/x/sys/unix does: the linker imports the symbol and the runtime
// calls it on a system stack. It is the one place where that is done; on other
// systems it is empty.
package libc
