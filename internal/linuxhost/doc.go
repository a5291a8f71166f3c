// Package linux is the host that makes zones true on Linux: a zone is a set of
// namespaces with one zsched in it, which is process 1 there, parents init and
// everything that enters, and reaps. Resource controls are control groups,
// privileges are capabilities and a system call filter.
//
// The kernel process talks to each zsched over a pair of sockets: requests one
// way, ends of processes the other. When the kernel process goes, for whatever
// reason, every zsched goes, and with it the zone.
//
// An ordinary user's kernel process lives in a user namespace of its own (see
// [Isolate]), in which it is root; from there on nothing differs but what that
// root may not do.
package linuxhost
