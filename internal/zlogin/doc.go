// Package zlogin does what zlogin(1) does: it runs a program in a zone with the
// caller's standard input, output and error, gives the user a shell on a terminal of the
// zone, or connects to the zone's console.
//
// A [Login] holds what that takes: a kernel, the configurations and the caller.
// [Login.Main] is the command. Programs that need only a part of it use [Login.Program],
// which turns a request into a program to run in the zone, and [Login.Run] or
// [Login.Start], which start it.
package zlogin
