package zone

import "os"

// Cmd is a program to be run inside a zone. It is started by the kernel's
// zone_enter and exec: on illumos by a fresh child of this executable in a
// process contract of its own, on the embedded kernel by the zone's zsched.
// Only Stdin, Stdout and Stderr come along; a nil one is /dev/null inside.
type Cmd struct {
	Path string   // inside the zone, absolute
	Args []string // Args[0] is the program's name; empty means {Path}
	Env  []string // exactly this, nothing is inherited
	Dir  string   // inside the zone; "" is its root

	Stdin, Stdout, Stderr *os.File

	// Pty makes a pseudo-terminal in the zone's own /dev the program's
	// controlling terminal and its three standard files, and hands its manager
	// side back through Process.Pty. Stdin, Stdout and Stderr must be nil.
	Pty bool
	// Like is a terminal of the caller's whose mode and size the pseudo-terminal
	// gets before the program runs; nil leaves it as the system makes them. It is
	// not passed on.
	Like *os.File
	// Login enters the program among those who are logged in to the zone, as one
	// that waits for somebody to log in, which login(1) needs. It is for a Pty, and
	// a failure of it stops nothing. Systems without such a file do nothing.
	Login bool
	// UID and GID of the program, numbers inside the zone.
	UID, GID uint32
	// Groups are its supplementary groups.
	Groups []uint32
}

// Process is a program that runs in a zone.
type Process interface {
	// Pid is the process id as the zone sees it where that differs from the host's.
	Pid() int
	// Pty is the manager side of the pseudo-terminal when Cmd.Pty was set, else nil.
	// The caller closes it.
	Pty() *os.File
	// Wait returns when the program has ended. It may be called once.
	Wait() (ExitStatus, error)
	// Signal sends the host's signal number to the program's process group.
	Signal(sig os.Signal) error
	// Close lets go of the process without ending it.
	Close() error
}

// ExitStatus is how a program ended.
type ExitStatus struct {
	Code   int // exit status, 0 to 255; 0 when a signal ended it
	Signal int // the host's number of the signal that ended it, 0 for none
}

// Executor starts programs in zones. A System that can, implements it.
type Executor interface {
	// Start runs cmd in the zone and returns once it has been executed, or with
	// the errno of that: ENOENT no such program, EACCES not executable, EINVAL
	// the zone is in no state to be entered, EPERM the caller may not.
	Start(id ID, cmd *Cmd) (Process, error)
}
