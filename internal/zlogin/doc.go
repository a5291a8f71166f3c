// Package zlogin does what zlogin(1) does: it runs a program in a zone with the
// caller's standard input, output and error, gives a shell on a terminal of the
// zone's own, or connects to the zone's console.
//
// A [Login] is where that happens: a kernel, the configuration and the caller.
// [Login.Main] is the command; programs that want one of its parts use
// [Login.Program], which says what is run in a zone for a request, and [Login.Run]
// or [Login.Start], which start it.
package zlogin
