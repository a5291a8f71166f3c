package server

import (
	"sync"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// Server answers the calls of programs for a kernel.
type Server struct {
	// Detail is in reports: why the zones don't run as processes of this machine.
	Detail string

	kernel *kernel.Kernel
	owner  uint32

	mu         sync.Mutex // guards what follows; the kernel's lock is taken under it
	processes  map[int64]*started
	lastHandle int64
	guests     map[int32]*guest // by process id
}

// New returns a server of k. Callers of the user owner, and root, have every privilege.
func New(k *kernel.Kernel, owner uint32) *Server {
	return &Server{kernel: k, owner: owner, processes: map[int64]*started{}, guests: map[int32]*guest{}}
}

// Serve answers a caller until the connection ends; it is the function for
// [door.Server.Serve].
func (s *Server) Serve(conn *door.Conn) {
	cred, err := conn.Peer()
	if err != nil {
		return
	}
	c := &caller{Server: s, conn: conn, cred: cred, proc: s.identify(cred)}
	if c.proc == nil {
		return
	}
	c.local = c.proc.Local()
	c.local.Detail = s.Detail
	defer c.leave()
	for c.next() {
	}
}

// identify makes the caller a process of the kernel; nil for a process in a zone, which may
// not make calls.
func (s *Server) identify(cred door.Cred) *kernel.Proc {
	key, err := s.kernel.Host().ZoneOf(cred.Pid)
	if err != nil || key.ID != zone.GlobalID {
		return nil
	}
	spec := kernel.ProcSpec{UID: cred.UID}
	if s.privileged(cred) {
		all := ^uint32(0)
		spec.Effective = priv.Set{all, all, all}
		spec.Permitted = spec.Effective
	}
	return s.kernel.AddProc(spec)
}

func (s *Server) privileged(cred door.Cred) bool { return cred.UID == 0 || cred.UID == s.owner }
