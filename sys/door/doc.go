// Package door calls a procedure of another process through a path in the file system,
// passing data, descriptors and the caller's identity, as illumos doors do
// (door_call(3C), door_create(3C)).
//
// On illumos these are doors. On Linux a door is a unix domain socket of type
// SOCK_SEQPACKET, which keeps message boundaries, passes descriptors and identifies the
// peer. Code that works on both keeps to one rule: a client only uses [Conn.Call], and
// a server's function answers each [Conn.Receive] with one [Conn.Send] until Receive
// fails. On illumos that function runs once for each call; on Linux once for each
// connection. On other systems a process can call its own doors only; what concerns other
// processes, and passing files, fails with [errors.ErrUnsupported].
package door
