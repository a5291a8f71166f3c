package linuxhost

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// request is what the kernel process asks of a zsched. Descriptors go with it:
// those of a program's standard files, a tree of mounts, or the control groups.
type request struct {
	Op       string    `json:"op"`
	Nodename string    `json:"nodename,omitempty"`
	Caps     uint64    `json:"caps,omitempty"`
	Unified  bool      `json:"unified,omitempty"` // the control groups are of v2
	Program  *program  `json:"program,omitempty"`
	Point    string    `json:"point,omitempty"`
	FSType   string    `json:"fstype,omitempty"`
	Options  string    `json:"options,omitempty"`
	Flags    uintptr   `json:"flags,omitempty"`
	Make     string    `json:"make,omitempty"` // makeFile or makeDir: make the mount point where it isn't there
	Force    bool      `json:"force,omitempty"`
	Limits   [2]uint64 `json:"limits,omitempty"` // a resource and its limit
}

// program is what a zsched starts.
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
	Init   bool     `json:"init,omitempty"` // gets a session and a console of its own
}

// looks is the mode and the size of a terminal.
type looks struct {
	Mode unix.Termios `json:"mode"`
	Size unix.Winsize `json:"size"`
}

// response is a zsched's answer; a pidfd and perhaps a terminal go with it.
type response struct {
	Errno int    `json:"errno,omitempty"` // the host's
	Text  string `json:"text,omitempty"`
	Point string `json:"point,omitempty"` // the error is about this directory on the way to a mount point
	Pid   int    `json:"pid,omitempty"`   // as the zone sees it
}

// ended is what a zsched tells by itself: a process has gone. Pid 0 and Last: the
// zone has become empty.
type ended struct {
	Pid    int  `json:"pid,omitempty"`
	Code   int  `json:"code,omitempty"`
	Signal int  `json:"signal,omitempty"`
	Last   bool `json:"last,omitempty"`
}

const maxMessage = 64 << 10

// sendMessage writes one message with descriptors to a socket.
func sendMessage(fd int, v any, fds ...int) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(raw) > maxMessage {
		return fmt.Errorf("arguments and environment of %d bytes: %w", len(raw), syscall.E2BIG)
	}
	var control []byte
	if len(fds) > 0 {
		control = unix.UnixRights(fds...)
	}
	for {
		err = unix.Sendmsg(fd, raw, control, nil, unix.MSG_NOSIGNAL)
		if err != unix.EINTR {
			return err
		}
	}
}

// receiveMessage reads one; os.ErrClosed when the other end is gone.
func receiveMessage(fd int, v any) ([]int, error) {
	raw := make([]byte, maxMessage)
	control := make([]byte, unix.CmsgSpace(4*8))
	for {
		n, controlLen, _, _, err := unix.Recvmsg(fd, raw, control, unix.MSG_CMSG_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, os.ErrClosed
		}
		fds := passedFDs(control[:controlLen])
		if err := json.Unmarshal(raw[:n], v); err != nil {
			closeFDs(fds)
			return nil, err
		}
		return fds, nil
	}
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
