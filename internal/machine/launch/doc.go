// Package launch connects to the kernel process of this machine and starts it where none
// runs.
package launch
