// Package replay compares the embedded kernel with recordings of the C zone.c. It
// reads a recorded sequence, sets up a new kernel with the environment of the
// recording, makes every step, and compares everything that can be observed: results,
// buffers, events, log lines, blocked calls, and the state of every zone.
//
// A step is over when all goroutines are blocked. The runner detects that with
// testing/synctest, so a sequence must run inside a test, by [Run].
package replay
