// Package kernelrpc is the way to an embedded kernel in another process: wire has the
// messages, client makes the calls, server answers them. Its tests have both ends in
// one process, and hold every call against the same call of the kernel itself.
package kernelrpc
