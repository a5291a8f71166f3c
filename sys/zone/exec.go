package zone

import "os"

// Cmd is a program to run in a zone. On illumos a new child of this executable enters
// the zone and executes it, in its own process contract; on the embedded kernel the
// zone's zsched starts it. The program gets Stdin, Stdout and Stderr and no other
// file; a nil one is the zone's /dev/null.
type Cmd struct {
	Path string   // inside the zone, absolute
	Args []string // Args[0] is the program's name; empty means {Path}
	Env  []string // the whole environment; nothing is inherited
	Dir  string   // working directory inside the zone; "" is its root

	Stdin, Stdout, Stderr *os.File
	// Controlling makes Stdin the program's controlling terminal. It must be a terminal that
	// no session has; if it can't be made that, the program isn't started.
	Controlling bool

	// Pty makes a pseudo-terminal in the zone's /dev, which becomes the program's
	// controlling terminal and its three standard files; Process.Pty is the manager's
	// side of it. Stdin, Stdout and Stderr must be nil.
	Pty bool
	// Like is a terminal of the caller whose mode and size the pseudo-terminal gets
	// before the program runs; nil keeps the system's defaults. The program itself
	// doesn't get this file.
	Like *os.File
	// Login adds an entry for the terminal to the zone's utmpx(5), as a line that waits
	// for a login, as login(1) requires. It is used with Pty; if it fails the program
	// runs nevertheless. On systems other than illumos Login has no effect.
	Login bool
	// UID and GID of the program, numbers inside the zone.
	UID, GID uint32
	// Groups are its supplementary groups.
	Groups []uint32
}

// Process is a program that was started in a zone.
type Process interface {
	// Pid returns the process id, as seen in the zone if it has process ids of its own.
	Pid() int
	// Pty returns the manager's side of the pseudo-terminal if Cmd.Pty was set, else
	// nil. The caller closes it.
	Pty() *os.File
	// Wait waits for the program to exit. It may be called once.
	Wait() (ExitStatus, error)
	// Signal sends a signal of the host to the program's process group.
	Signal(sig os.Signal) error
	// Close releases the process without killing the program. On the embedded kernel a
	// Wait in another goroutine returns then.
	Close() error
}

// ExitStatus describes how a program exited.
type ExitStatus struct {
	Code   int // exit status, 0 to 255; 0 when a signal killed it
	Signal int // the host's number of the signal that killed it, 0 for none
}

// Executor starts programs in zones.
type Executor interface {
	// Start starts cmd in the zone and returns once it has been executed. ENOENT when
	// the zone has no such program, EACCES when it isn't executable, EINVAL when the
	// zone's state doesn't allow entering it, EPERM when the caller may not.
	Start(id ID, cmd *Cmd) (Process, error)
}
