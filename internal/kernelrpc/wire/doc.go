// Package wire is the protocol between programs and the kernel process: requests and
// replies, and the raw system calls of guests. It only encodes, sends and decodes.
package wire
