// Package errno has the error numbers of illumos and their texts. The embedded kernel
// fails with them on every machine, so an [Errno] is the illumos number, whatever number
// the host has for the same failure.
//
// [errors.Is] matches an Errno with the host's [syscall.Errno] of the same name, so
// errors.Is(err, syscall.ENOENT) holds on every machine for errors of the kernel as well
// as for those of package os. errors.Is(err, errno.ENOENT) only holds for the kernel's;
// [Of] returns the illumos number of either.
package errno
