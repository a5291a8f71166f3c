// Package host is the interface between the embedded kernel and the machine it runs
// on. The kernel implements the rules of zones (states, ids, counts, permissions); a
// [Host] carries them out: package sim in memory, this project's Linux host with
// isolated processes. The kernel itself makes no system calls.
package host
