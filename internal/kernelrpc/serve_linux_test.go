package kernelrpc

import (
	"os"
	"testing"

	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// side is one way to a kernel: its own methods, or a client's.
type side struct {
	zone.Kernel
	rctl.System
	machine *machine
	web, db zone.ID // the zone of most calls, and one with its own network stack
}

// detail is in the reports of both sides.
const detail = "a test"

// local is a kernel on a machine of its own, called in this process.
func local(t testing.TB) *side {
	m := newMachine()
	l := newKernel(t, m).Global().Local()
	l.Detail = detail
	return &side{Kernel: l, System: l.Rctls(), machine: m}
}

// remote is one called through a client and a server.
func remote(t testing.TB) *side {
	m := newMachine()
	c := dial(t, serve(t, newKernel(t, m)))
	return &side{Kernel: c, System: c, machine: m}
}

// serve serves a kernel and returns its run directory.
func serve(t testing.TB, k *kernel.Kernel) (runDir string) {
	t.Helper()
	runDir = t.TempDir()
	listen(t, runDir, server.New(k, uint32(os.Getuid())).Serve)
	return runDir
}

func listen(t testing.TB, runDir string, serve func(*door.Conn)) {
	t.Helper()
	doors, err := door.Listen(locate.KernelDoor(runDir), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	go doors.Serve(serve)
	t.Cleanup(func() { doors.Close() })
}

func dial(t testing.TB, runDir string) *client.Client {
	t.Helper()
	c, err := client.Dial(runDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// caller is a connection on which a test sends whatever it wants.
type caller struct {
	testing.TB
	*door.Conn
}

// request encodes a request.
func request(t testing.TB, r *wire.Request, body any) []byte {
	t.Helper()
	message, err := wire.EncodeRequest(r, body)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// ask sends a request, and returns the error in the reply; the body is decoded into answer.
func (c *caller) ask(message []byte, answer any, files ...*os.File) (failure *zone.Error, err error) {
	if err := wire.Send(c.Conn, message, files...); err != nil {
		return nil, err
	}
	return c.answered(answer)
}

// answered receives a reply.
func (c *caller) answered(answer any) (failure *zone.Error, err error) {
	reply, files, err := wire.Receive(c.Conn, wire.MaxReply)
	for _, f := range files {
		f.Close()
	}
	if err != nil {
		return nil, err
	}
	failure, _, err = wire.DecodeReply(reply, answer)
	return failure, err
}
