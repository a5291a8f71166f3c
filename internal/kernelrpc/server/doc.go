// Package server lets other programs call a kernel through a door. The system tells who
// calls: the process at the other end of a connection, and its user. Root and the user
// that the kernel runs as have every privilege, other users none.
package server
