// Package linuxhost is the host that runs zones on Linux: a zone is a set of
// namespaces with one zsched in it, which is process 1 there, parents init and
// every program that enters, and reaps. Resource controls are control groups,
// privileges are capabilities and a system call filter.
//
// The kernel process talks to each zsched over two pairs of sockets: requests with
// their answers, and exits of processes. When the kernel process exits, for whatever
// reason, every zsched is killed, and its zone with it.
//
// A boot takes three requests: one makes the sandbox (a zsched in namespaces that
// wait for a zone) the zone's, one mounts its file systems, one starts init. None of
// them costs more the more zones run, and no zone costs the kernel process a thread.
//
// An ordinary user's kernel process lives in a user namespace of its own (see
// [Isolate]), in which it is root; from there on nothing differs but what that
// root may not do.
package linuxhost
