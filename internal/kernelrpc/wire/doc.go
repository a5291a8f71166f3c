// Package wire is what passes between programs and the kernel process: the requests
// and replies of calls, and the raw system calls of a guest. It encodes, sends and
// decodes them and does nothing else.
package wire
