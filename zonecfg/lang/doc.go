// Package lang is the language of zonecfg(8): commands that make a zone's
// configuration, change it, show it and put it on disk.
//
// A [Session] is one run of the command on one zone: it reads a script from the
// command line, a file or a terminal, a [Command] at a time, and does what it says
// to a [zonecfg.Zone] which it commits to a [zonecfg.Store]. What is printed, and
// which mistakes end a run with status 1, is as it is there. [Info] and [Export]
// write a zone without a session.
package lang
