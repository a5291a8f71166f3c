package door

import (
	"os"

	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/priv"
)

// MaxMessage is the largest request or reply in bytes.
const MaxMessage = 128 << 10

// maxFiles is the largest number of descriptors in a message.
const maxFiles = 8

// Cred identifies the process at the other end of a connection.
type Cred struct {
	Pid      int32
	UID, GID uint32 // effective
	Zone     int32  // id of its zone, on illumos
	// Privileges is its effective set, on illumos; nil on other systems, and if the system
	// doesn't tell.
	Privileges *priv.Set
	// Inside reports that the process is in another zone than this process. On Linux:
	// that it is in another pid namespace, below that of /proc, or has exited.
	Inside bool
}

// Info describes a door (struct door_info).
type Info struct {
	Pid        int32  // of the server; -1 when there is none
	Attributes uint32 // DOOR_* flags
	Number     uint64 // unique among all doors since boot (di_uniquifier)
}

// Revoked reports whether the door has no server any more.
func (i Info) Revoked() bool { return i.Attributes&abi.DOOR_REVOKED != 0 }

// Dial opens the door at path. ENOENT when there is no such file, ECONNREFUSED when no
// process serves it or it isn't a door.
func Dial(path string) (*Conn, error) { return dial(path) }

// Call sends a request and waits for the reply (door_call(3C)). The files are passed as
// descriptors and stay open here; the caller closes those of the reply. EMSGSIZE for a
// request longer than [MaxMessage]. When the door is revoked, Call fails: with EBADF on
// illumos, with [io.EOF], EPIPE or ECONNRESET on Linux.
//
// On illumos signals are blocked during the call: one would interrupt it, and the
// caller couldn't know whether the server had carried out the request.
func (c *Conn) Call(request []byte, files ...*os.File) ([]byte, []*os.File, error) {
	return c.exchange(request, files)
}

// Receive waits for a request and returns it; the caller closes the files. [io.EOF]
// when there are no more: on illumos after the first request of a call, on Linux when
// the peer has closed its connection. On illumos only a server can receive.
func (c *Conn) Receive() (message []byte, files []*os.File, err error) { return c.receive() }

// Send sends the reply to a request (door_return(3C)). The files stay open here.
// EMSGSIZE for a message longer than [MaxMessage]. On illumos only a server can send,
// once for each call; it gets [os.ErrClosed] after that.
func (c *Conn) Send(message []byte, files ...*os.File) error { return c.send(message, files) }

// Peer identifies the process at the other end: the caller (door_ucred(3C)), or the
// server of a door that was dialed.
func (c *Conn) Peer() (Cred, error) { return c.peer() }

// ServerPid returns the process id of the server of a door that was dialed.
func (c *Conn) ServerPid() (int32, error) { return c.serverPid() }

// Info describes the open door (door_info(3C)). It's for illumos only; elsewhere it
// fails with [errors.ErrUnsupported].
func (c *Conn) Info() (Info, error) { return c.info() }

// MaxRequest returns the largest request that the door takes, in bytes and descriptors
// (door_getparam(3C)). It's for illumos only; elsewhere it fails with
// [errors.ErrUnsupported].
func (c *Conn) MaxRequest() (bytes, descriptors uint64, err error) { return c.maxRequest() }

// Close closes the connection. On illumos a call that wasn't answered gets an empty
// reply.
func (c *Conn) Close() error { return c.close() }

// Pair returns a connection to a server that is about to be started, so that requests
// can be sent before its door can be dialed: the server inherits the file and calls
// [Inherit] on it. It sees this process as the caller. It's for Linux only; elsewhere it
// fails with [errors.ErrUnsupported].
func Pair() (*Conn, *os.File, error) { return pair() }

// Inherit returns the server's end of a [Pair] from its descriptor, which it takes over
// even when it fails. EINVAL when the descriptor isn't of a Pair. It's for Linux only;
// elsewhere it fails with [errors.ErrUnsupported].
func Inherit(fd uintptr) (*Conn, error) { return inherit(fd) }

// Listen creates a door at path (door_create(3C), fattach(3C)) whose file has the
// mode; every process that may open the file may call. Callers wait until
// [Server.Serve] is called. A door or file that exists already is replaced, unless it
// is served: then EADDRINUSE.
func Listen(path string, mode os.FileMode) (*Server, error) { return listen(path, mode) }

// Serve runs serve in a new goroutine for each call on illumos, for each connection on
// Linux, and closes the connection when serve returns. Serve returns when the server is
// closed; the error is nil then.
func (s *Server) Serve(serve func(*Conn)) error { return s.run(serve) }

// Callers returns the number of calls being served on illumos, of connections on Linux.
func (s *Server) Callers() int { return s.callers() }

// Shut removes the door from the file system (fdetach(3C)). It can't be dialed any
// more; processes that have it open can continue to call on illumos, and to use the
// connection on Linux.
func (s *Server) Shut() error { return s.remove() }

// Close removes the door and revokes it (door_revoke(3C)). It returns when nothing is
// being served any more: calls are answered first on illumos, and connections are
// closed on Linux.
func (s *Server) Close() error { return s.revoke() }
