// Package door calls procedures of other processes by a path in the file system,
// with descriptors and the caller's identity passed along: door_call(3C).
//
// On illumos these are doors. Elsewhere a door is a unix domain socket of type
// SOCK_SEQPACKET, which keeps the borders of messages, carries descriptors and
// tells who is at the other end.
package door
