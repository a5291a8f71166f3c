// Package errno names the error numbers of illumos. The embedded kernel answers
// with them on every machine, so an [Errno] is always the illumos number,
// whatever the host calls the same failure; [errors.Is] matches an Errno
// against the host's own [syscall.Errno] by name, so code that asks for
// syscall.ENOENT works everywhere.
package errno
