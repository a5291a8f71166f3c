package linuxhost

import (
	"encoding/json"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Operations that the kernel process requests from a zsched.
const (
	opSandbox = "sandbox" // leave the host's file systems and wait for a zone
	opZone    = "zone"    // become the zsched of a zone
	opMount   = "mount"   // mount a list of file systems
	opUnmount = "umount"  // unmount one
	opStart   = "start"   // start a program
	opHostID  = "hostid"  // write the zone's host id
	opKill    = "kill"    // kill every other process of the zone
)

// request is a request of the kernel process to a zsched. Descriptors are sent with
// it, in the order of the fields below that mention them.
type request struct {
	Op      string       `json:"op"`
	Trace   bool         `json:"trace,omitempty"`   // record the steps
	Devices []string     `json:"devices,omitempty"` // opSandbox: names in /dev; sent with a mount tree for each
	Zone    *zoneRequest `json:"zone,omitempty"`    // sent with the zone's root, then its control groups
	Mounts  []mountEntry `json:"mounts,omitempty"`  // sent with a mount tree for each without a file system type
	Program *program     `json:"program,omitempty"` // sent with the standard files that Std names
	Point   string       `json:"point,omitempty"`   // opUnmount
	Force   bool         `json:"force,omitempty"`
	HostID  []byte       `json:"hostid,omitempty"` // in the kernel's encoding
}

// zoneRequest has what zsched needs to know of its zone.
type zoneRequest struct {
	Nodename     string `json:"nodename"`
	Capabilities uint64 `json:"capabilities"`
	Filter       []byte `json:"filter"`            // struct sock_filter
	Unified      bool   `json:"unified,omitempty"` // the control groups are v2
}

// mountEntry is a file system to be mounted.
type mountEntry struct {
	Point   string  `json:"point"`
	Make    string  `json:"make,omitempty"`   // makeFile or makeDir: create a missing mount point
	FSType  string  `json:"fstype,omitempty"` // "": a mount tree sent with the request
	Flags   uintptr `json:"flags,omitempty"`
	Options string  `json:"options,omitempty"`
}

// program is a program for zsched to start.
type program struct {
	Path   string   `json:"path"`
	Args   []string `json:"args"`
	Env    []string `json:"env"`
	Dir    string   `json:"dir"`
	UID    uint32   `json:"uid"`
	GID    uint32   `json:"gid"`
	Groups []uint32 `json:"groups,omitempty"`
	Pty    bool     `json:"pty,omitempty"`
	Like   *looks   `json:"like,omitempty"` // of the terminal
	Std    [3]bool  `json:"std"`
	TTY    bool     `json:"tty,omitempty"`    // stdin becomes the controlling terminal
	Policy int      `json:"policy,omitempty"` // of scheduling
	Init   bool     `json:"init,omitempty"`   // gets a session and a console of its own
}

// looks is the mode and the size of a terminal.
type looks struct {
	Mode unix.Termios `json:"mode"`
	Size unix.Winsize `json:"size"`
}

// response is a zsched's answer. The pidfd of a program and its terminal, if any, are
// sent with it.
type response struct {
	Err   *zone.Error  `json:"err,omitempty"`
	Done  int          `json:"done,omitempty"` // opMount: how many were mounted before one failed
	Pid   int          `json:"pid,omitempty"`  // in the zone
	Trace []trace.Span `json:"trace,omitempty"`
}

// exit is a message of zsched that a process has exited. Pid 0 with Last: the zone has
// become empty.
type exit struct {
	Pid    int  `json:"pid,omitempty"`
	Code   int  `json:"code,omitempty"`
	Signal int  `json:"signal,omitempty"`
	Last   bool `json:"last,omitempty"`
}

const (
	maxMessage = 64 << 10
	maxFDs     = 253 // SCM_MAX_FD of Linux
)

// channel is one end of a socket pair for messages in JSON with descriptors. Waiting
// for a message blocks no thread.
type channel struct{ conn *net.UnixConn }

// newChannel makes a socket pair. It returns one end, and the descriptor of the other
// end for another process.
func newChannel() (*channel, int, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, -1, os.NewSyscallError("socketpair", err)
	}
	c, err := openChannel(pair[0])
	if err != nil {
		unix.Close(pair[1])
		return nil, -1, err
	}
	return c, pair[1], nil
}

// openChannel makes a channel from a socket's descriptor, which it takes over.
func openChannel(fd int) (*channel, error) {
	file := os.NewFile(uintptr(fd), "zsched socket")
	defer file.Close() // net duplicates it
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return &channel{conn.(*net.UnixConn)}, nil
}

func (c *channel) close() { c.conn.Close() }

// send sends one message. The descriptors stay open here too.
func (c *channel) send(v any, fds ...int) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(raw) > maxMessage {
		return &zone.Error{Op: "execve", Errno: errno.E2BIG, Text: fmt.Sprintf("%d bytes of arguments and environment, at most %d are allowed", len(raw), maxMessage)}
	}
	var control []byte
	if len(fds) > 0 {
		control = unix.UnixRights(fds...)
	}
	_, _, err = c.conn.WriteMsgUnix(raw, control, nil)
	return err
}

// receive receives one message of at most size bytes. It returns io.EOF if the other
// end is closed.
func (c *channel) receive(v any, size int) ([]int, error) {
	raw := make([]byte, size)
	control := make([]byte, unix.CmsgSpace(4*maxFDs))
	n, controlLen, flags, _, err := c.conn.ReadMsgUnix(raw, control)
	if err != nil {
		return nil, err
	}
	fds := passedFDs(control[:controlLen])
	if flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		err = fmt.Errorf("message of more than %d bytes: %w", size, unix.EMSGSIZE)
	} else {
		err = json.Unmarshal(raw[:n], v)
	}
	if err != nil {
		closeFDs(fds)
		return nil, err
	}
	return fds, nil
}

func passedFDs(control []byte) []int {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil
	}
	var fds []int
	for _, m := range messages {
		if got, err := unix.ParseUnixRights(&m); err == nil {
			fds = append(fds, got...)
		}
	}
	return fds
}

func closeFDs(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}
