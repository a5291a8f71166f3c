// Package zoneadm implements the verbs of zoneadm(8). A [Machine] lists zones; a [Target]
// is one zone with a method for each verb, which takes a context and typed options and
// returns an [Error]. A [Tool] is the command line on top of them.
package zoneadm
