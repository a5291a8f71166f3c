// Package scripts tests the commands as a user runs them. The files of testdata are txtar
// scripts for testscript, each with its own kernel process and /etc/zones. They run
// the commands, which are built first, and check their output and effects.
//
// Besides testscript's commands the scripts have
//
//	kernel kill|stop     ends the kernel process by SIGKILL or SIGTERM
//	waitfor FILE         returns when the file exists; with ! when it doesn't
//	gone PROGRAM         returns when the script's processes of a program have exited
//	trips FILE MOST      fails if a trace has more round trips between processes
//	left                 fails if a process, mount or socket of the script is left
//
// and the conditions [root], [linux] and [zones], which is true if the host lets this
// user create namespaces, so that zones have processes.
package scripts
