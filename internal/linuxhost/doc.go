// Package linuxhost is the host that runs zones on Linux. A zone is a set of
// namespaces with one zsched in it, which is process 1 there, the parent of init and
// of every program started by zlogin, and reaps them. Resource controls are control
// groups; privileges are capabilities and a system call filter.
//
// The kernel process talks to each zsched over two pairs of sockets: one for requests
// and answers, one for exits of processes. When the kernel process exits, for whatever
// reason, every zsched is killed, and its zone with it.
//
// A boot takes three requests: one turns the sandbox (a zsched in namespaces that wait
// for a zone) into the zone, one mounts its file systems, one starts init. Their cost
// doesn't grow with the number of running zones, and a zone needs no thread of the
// kernel process.
//
// An ordinary user's kernel process runs as root in a user namespace of its own (see
// [Isolate]). The only difference is what that root is allowed to do.
package linuxhost
