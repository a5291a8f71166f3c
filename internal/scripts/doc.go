// Package scripts runs the commands as a person would: the files of testdata are
// txtar scripts for testscript, each with a kernel process and an /etc/zones of its
// own, in which the commands that were just built are called and what they print
// and change is looked at.
//
// Beside testscript's own, the scripts have the commands
//
//	kernel kill|stop     ends the kernel process with SIGKILL, or in good order
//	waitfor FILE         returns when there is such a file
//	left                 fails when a process, mount, cgroup or socket of the script is left
//
// and the conditions [root], [linux] and [zones], the last where zones have
// processes: the kernel of the machine lets this user make namespaces.
package scripts
