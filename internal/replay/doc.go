// Package replay compares the embedded kernel with recordings of the C zone.c: it
// reads a recorded sequence, gives a new kernel the environment that the
// recording had, makes every step and compares what could be observed: results,
// buffers, events, log lines, blocked calls, and the state of every zone.
//
// A step ends when nothing can run any more. The runner finds that out with
// testing/synctest, so a sequence is run inside a test, by [Run].
package replay
