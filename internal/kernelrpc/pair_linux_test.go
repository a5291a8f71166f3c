package kernelrpc

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
)

// TestMain fails when the tests leave a goroutine of either end, or a descriptor.
func TestMain(m *testing.M) {
	door.Pair() // what the runtime opens for its first socket stays open
	runtime.GC()
	before := descriptors()
	status := m.Run()
	for deadline := time.Now().Add(10 * time.Second); status == 0; runtime.Gosched() {
		left := goroutines()
		open := descriptors()
		if left == "" && open <= before {
			break
		}
		if time.Now().After(deadline) {
			fmt.Printf("FAIL: %d descriptors are open, %d were; these goroutines are left:\n%s\n", open, before, left)
			status = 1
		}
	}
	os.Exit(status)
}

// goroutines are the stacks of those that run code of the client or the server.
func goroutines() (left string) {
	all := make([]byte, 1<<20)
	for stack := range bytes.SplitSeq(all[:runtime.Stack(all, true)], []byte("\n\n")) {
		if bytes.Contains(stack, []byte("kernelrpc/client.")) || bytes.Contains(stack, []byte("kernelrpc/server.")) {
			left += string(stack) + "\n\n"
		}
	}
	return left
}

func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	return len(entries)
}

// pair returns both ends of a connection.
func pair(t testing.TB) (ours, theirs *door.Conn) {
	t.Helper()
	ours, file, err := door.Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if theirs, err = door.Inherit(uintptr(fd)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return ours, theirs
}

// attach connects a caller to a server; served is closed when the server is done with it.
func attach(t testing.TB, s *server.Server) (c *caller, served <-chan struct{}) {
	t.Helper()
	ours, theirs := pair(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer theirs.Close()
		s.Serve(theirs)
	}()
	return &caller{t, ours}, done
}

// served is a server of a new kernel on a new machine.
func served(t testing.TB) (*server.Server, *kernel.Kernel, *machine) {
	m := newMachine()
	k := newKernel(t, m)
	return server.New(k, uint32(os.Getuid())), k, m
}

// must sends a request that succeeds, and decodes the body of its reply.
func (c *caller) must(r *wire.Request, body, answer any) {
	c.Helper()
	if failure, err := c.ask(request(c, r, body), answer); err != nil || failure != nil {
		c.Fatalf("%s: %v, %v", r.Op, failure, err)
	}
}

// marker is the writing end of a pipe, which a test sends to see that it is closed.
type marker struct {
	read, write *os.File
}

func newMarker(t testing.TB) *marker {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return &marker{r, w}
}

// closed closes the test's own descriptor and waits until nobody has another.
func (m *marker) closed(t testing.TB) {
	t.Helper()
	m.write.Close()
	m.read.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, m.read); err != nil {
		t.Errorf("a descriptor that nobody has asked for stays open: %v", err)
	}
	m.read.Close()
}

// works checks that a server still does a proper caller's work.
func works(t testing.TB, s *server.Server) {
	t.Helper()
	c, done := attach(t, s)
	var out zone.Outcome
	c.must(&wire.Request{Op: wire.OpMake}, &zone.Definition{Def: zone.Def{Name: "proper", Root: "/proper"}}, &out)
	for _, op := range []string{wire.OpBoot, wire.OpShutdown, wire.OpDestroy} {
		c.must(&wire.Request{Op: op, ID: out.ID}, nil, nil)
	}
	c.Close()
	<-done
}

// snapshot is everything that callers can change, as text.
func snapshot(t testing.TB, k *kernel.Kernel, m *machine) string {
	t.Helper()
	l := k.Global().Local()
	table, err := l.Table()
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintln(table)
	for _, z := range table.Zones {
		for attr := zone.Attr(0); attr < 40; attr++ {
			buf := make([]byte, 256)
			n, err := l.Getattr(z.ID, attr, buf)
			text += fmt.Sprintf("%d %d: %d %x %v\n", z.ID, attr, n, bytes.TrimRight(buf, "\x00"), err)
		}
		links := make([]zone.LinkID, 4)
		n, _ := l.ListDatalinks(z.ID, links)
		values, _ := l.Rctls().RctlValues(int32(z.ID), "zone.max-lwps")
		text += fmt.Sprintln(n, links, values)
	}
	mounts, err := m.Mounts()
	m.mu.Lock()
	defer m.mu.Unlock()
	programs := 0
	for _, running := range m.running {
		programs += len(running)
	}
	return text + fmt.Sprint(mounts, err, programs)
}

// difference is what two snapshots don't have in common.
func difference(before, after string) string {
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	only := func(lines, others []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return slices.Contains(others, line) }), "\n")
	}
	return "was:\n" + only(was, is) + "\nis:\n" + only(is, was)
}
