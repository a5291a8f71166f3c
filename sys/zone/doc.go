// Package zone is the zone(2) system call. [System] has a method for each of its
// subcodes, [Native] makes them on illumos, and the constants and structures of
// <sys/zone.h> have Go names. On top of System there are typed functions for
// attributes ([NameOf], [StatusOf], [SetText]) and lists ([IDs], [TableOf]).
//
// [Kernel] is zone(2) and everything else that managing zones needs: making a zone
// from one [Definition], mounts, links, programs in zones, events, statistics. On
// illumos it is implemented by the system; package kernel implements it in memory or
// with the processes of a Linux host; [github.com/gozones/zones.Open] returns the one
// of this host. Errors of all of them are of type [*Error].
package zone
