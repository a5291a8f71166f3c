package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// guest is a program that makes raw system calls, with its memory at address base.
type guest struct {
	*testing.T
	conn *door.Conn
	mem  []byte
	used int
}

const base = 0x10000

func newGuest(t *testing.T, run string) *guest {
	t.Helper()
	conn, err := door.Dial(locate.KernelDoor(run))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &guest{T: t, conn: conn, mem: make([]byte, 1<<18)}
}

func (g *guest) put(b []byte) uint64 {
	at := g.used
	copy(g.mem[at:], b)
	g.used = (at + len(b) + 15) &^ 15
	return base + uint64(at)
}

func (g *guest) text(s string) uint64 { return g.put(append([]byte(s), 0)) }

func (g *guest) words(list ...uint64) uint64 {
	var raw []byte
	for _, v := range list {
		raw = binary.LittleEndian.AppendUint64(raw, v)
	}
	return g.put(raw)
}

func (g *guest) at(addr, n uint64) []byte {
	if addr < base || addr-base > uint64(len(g.mem)) || uint64(len(g.mem))-(addr-base) < n {
		return nil
	}
	return g.mem[addr-base:][:n]
}

func (g *guest) send(r *wire.Raw, files ...*os.File) {
	g.Helper()
	message, _ := r.AppendBinary(nil)
	if err := g.conn.Send(message, files...); err != nil {
		g.Fatal(err)
	}
}

func (g *guest) receive() *wire.Raw {
	g.Helper()
	message, _, err := g.conn.Receive()
	if err != nil {
		g.Fatal(err)
	}
	r, err := wire.DecodeRaw(message)
	if err != nil {
		g.Fatal(err)
	}
	return r
}

// call makes a call, copies memory as the kernel requests, and returns the result.
func (g *guest) call(number int32, args []uint64, files ...*os.File) (int64, errno.Errno) {
	g.Helper()
	r := &wire.Raw{Kind: wire.RawCall, Number: number}
	copy(r.A[:], args)
	g.send(r, files...)
	for {
		r := g.receive()
		reply := &wire.Raw{Kind: r.Kind}
		switch r.Kind {
		case wire.RawDone:
			return int64(r.A[0]), errno.Errno(r.Error)
		case wire.RawRead:
			from := g.at(r.A[0], r.A[1])
			if from == nil {
				reply.Error = int32(errno.EFAULT)
			}
			reply.Data = from
		case wire.RawWrite:
			to := g.at(r.A[0], uint64(len(r.Data)))
			if to == nil {
				reply.Error = int32(errno.EFAULT)
			}
			copy(to, r.Data)
		default:
			g.Fatalf("the kernel says %+v", r)
		}
		g.send(reply)
	}
}

func (g *guest) zone(sub zone.Subcode, args ...uint64) (int64, errno.Errno) {
	g.Helper()
	return g.call(kernel.SysZone, append([]uint64{uint64(sub)}, args...))
}

func TestRawCalls(t *testing.T) {
	run := ownMachine(t, "sim")
	k := open(t)
	g := newGuest(t, run)
	raw := priv.Set{1, 2, 3}
	privs := g.put(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, raw[0]), raw[1]), raw[2]))
	datasets := bytes.Repeat([]byte("tank/with/a/long/name,"), 4000) // more than fits into one message
	datasets = append(datasets[:len(datasets)-1], 0)
	def := g.words(g.text("web"), g.text("/z/web"), privs, 12, 0, 0, 0, g.put(datasets), uint64(len(datasets)), 0)
	id, e := g.zone(zone.SubCreate, def)
	if e != 0 || id != 1 {
		t.Fatalf("create: %d, %v", id, e)
	}
	if name, err := zone.NameOf(k, zone.ID(id)); name != "web" || err != nil {
		t.Errorf("the kernel's other callers see %q, %v", name, err)
	}
	out := g.put(make([]byte, 16))
	if n, e := g.zone(zone.SubGetattr, 1, uint64(zone.AttrName), out, 3); n != 4 || e != 0 || string(g.at(out, 4)) != "web\x00" {
		t.Errorf("getattr: %d, %v, %q", n, e, g.at(out, 4))
	}
	if _, e := g.zone(zone.SubGetattr, 1, uint64(zone.AttrName), 5, 3); e != errno.EFAULT {
		t.Errorf("getattr to a bad address: %v", e)
	}
	if _, e := g.zone(zone.SubLookup, base+uint64(len(g.mem))-2); e != errno.EINVAL { // an empty name
		t.Errorf("lookup at the end of memory: %v", e)
	}
	if _, e := g.zone(zone.SubBoot, 1); e != 0 {
		t.Errorf("boot: %v", e)
	}

	// To the kernel, another connection of the process is the same process.
	other := newGuest(t, run)
	one := priv.Of("proc_info")
	at := g.put(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, one[0]), one[1]), one[2]))
	if _, e := g.call(kernel.SysPrivsys, []uint64{0, 1, 0, at, priv.SetSize}); e != 0 {
		t.Errorf("setppriv: %v", e)
	}
	at = other.put(make([]byte, priv.SetSize))
	if _, e := other.call(kernel.SysPrivsys, []uint64{1, 0, 0, at, priv.SetSize}); e != 0 {
		t.Errorf("getppriv: %v", e)
	}
	if first := binary.LittleEndian.Uint32(other.at(at, 4)); first != ^one[0] {
		t.Errorf("effective set of the other thread begins %#x", first)
	}
	// It also may not create zones any more: that needs every privilege.
	if _, e := other.zone(zone.SubCreate, other.put(make([]byte, 80))); e != errno.EPERM {
		t.Errorf("create without a privilege: %v", e)
	}
	if _, e := g.call(4711, nil); e != errno.ENOSYS {
		t.Errorf("an unknown call: %v", e)
	}
}

// TestRawBroken: a client that violates the protocol loses its connection, and others
// aren't affected.
func TestRawBroken(t *testing.T) {
	run := ownMachine(t, "sim")
	k := open(t)
	for name, talk := range map[string]func(g *guest){
		"half a message": func(g *guest) { g.conn.Send([]byte("xrawxxxx")) },
		"not a call":     func(g *guest) { g.send(&wire.Raw{Kind: wire.RawRead}) },
		"another answer": func(g *guest) {
			g.send(&wire.Raw{Kind: wire.RawCall, Number: kernel.SysZone, A: [6]uint64{uint64(zone.SubVersion), base}})
			g.receive()
			g.send(&wire.Raw{Kind: wire.RawRead})
		},
		"too few bytes": func(g *guest) {
			g.send(&wire.Raw{Kind: wire.RawCall, Number: kernel.SysZone, A: [6]uint64{uint64(zone.SubLookup), base}})
			g.receive()
			g.send(&wire.Raw{Kind: wire.RawRead, Data: []byte("x")})
		},
	} {
		g := newGuest(t, run)
		talk(g)
		if _, _, err := g.conn.Receive(); err == nil {
			t.Errorf("%s: the connection stays open", name)
		}
	}
	if _, err := k.Version(); err != nil {
		t.Error(err)
	}
}

// TestRawExec: a process that enters a zone and executes a program becomes that
// program.
func TestRawExec(t *testing.T) {
	testenv.Need(t, testenv.Root)
	run := ownMachine(t, "linux")
	k := open(t)
	id := bootedZone(t, k)
	g := newGuest(t, run)
	argv := g.words(g.text("sh"), g.text("-c"), g.text(`hostname; echo $HOME; read x; echo $x >&2; id -G; exit 7`), 0)
	envp := g.words(g.text("PATH=/bin:/usr/bin"), g.text("HOME=/here"), 0)
	groups := g.put([]byte{2, 0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0})
	if _, e := g.call(wire.RawExec, []uint64{g.text("/bin/sh"), argv, envp}); e != errno.ENOENT {
		t.Errorf("exec before entering: %v", e)
	}
	if _, e := g.zone(zone.SubEnter, uint64(id)); e != 0 {
		t.Fatalf("enter: %v", e)
	}
	if own, e := g.zone(zone.SubLookup, 0); e != 0 || own != int64(id) {
		t.Errorf("own zone %d, %v", own, e)
	}
	if _, e := g.call(wire.RawExec, []uint64{g.text("/bin/nothing"), argv, envp}); e != errno.ENOENT {
		t.Errorf("exec of nothing: %v", e)
	}
	stdin, w1 := pipe(t)
	r2, stdout := pipe(t)
	r3, stderr := pipe(t)
	if _, e := g.call(wire.RawExec, []uint64{g.text("/bin/sh"), argv, envp, 0, groups, 0}, stdin, stdout, stderr); e != 0 {
		t.Fatalf("exec: %v", e)
	}
	stdin.Close()
	stdout.Close()
	stderr.Close()
	io.WriteString(w1, "word\n")
	out, err1 := io.ReadAll(r2)
	text, err2 := io.ReadAll(r3)
	if err := errors.Join(err1, err2); err != nil || string(out) != "web\n/here\n0 5 9\n" || string(text) != "word\n" {
		t.Errorf("%q, %q, %v", out, text, err)
	}
	if r := g.receive(); r.Kind != wire.RawExit || r.A[0] != 7 || r.A[1] != 0 {
		t.Errorf("the end: %+v", r)
	}

	// A signal, and a closed connection.
	g = newGuest(t, run)
	argv = g.words(g.text("sleep"), g.text("100000"), 0)
	if _, e := g.zone(zone.SubEnter, uint64(id)); e != 0 {
		t.Fatalf("enter: %v", e)
	}
	if _, e := g.call(wire.RawExec, []uint64{g.text("/bin/sleep"), argv, envp}); e != 0 {
		t.Fatalf("exec: %v", e)
	}
	g.send(&wire.Raw{Kind: wire.RawSignal, A: [6]uint64{15}})
	if r := g.receive(); r.Kind != wire.RawExit || r.A[1] != 15 {
		t.Errorf("the end: %+v", r)
	}
	g = newGuest(t, run)
	argv = g.words(g.text("sleep"), g.text("100000"), 0)
	r, w := pipe(t)
	if _, e := g.zone(zone.SubEnter, uint64(id)); e != 0 {
		t.Fatalf("enter: %v", e)
	}
	if _, e := g.call(wire.RawExec, []uint64{g.text("/bin/sleep"), argv, envp}, w, w); e != 0 {
		t.Fatalf("exec: %v", e)
	}
	w.Close()
	g.conn.Close()
	if _, err := r.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the program of a caller that has disconnected: %v", err)
	}
	if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
		t.Error(err)
	}
}

func pipe(t *testing.T) (*os.File, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// bootedZone makes a running zone named web that has the host's programs.
func bootedZone(t *testing.T, k zone.Kernel) zone.ID {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root")
	for _, d := range []string{"/proc", "/dev", "/etc", "/tmp", "/usr", "/bin", "/lib", "/lib64", "/sbin"} {
		if err := os.MkdirAll(root+d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := testenv.WriteProgram(root+"/etc/init", []byte("#!/bin/sh\nexec sleep 100000\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	id, err := k.Create(&zone.Def{Name: "web", Root: root, Privs: priv.Full()})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"/usr", "/bin", "/lib", "/lib64", "/sbin"} {
		if err := zone.MountOn(k, id, zone.Mount{Special: d, Point: d, FSType: "lofs", Options: "ro"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(zone.SetText(k, id, zone.AttrInitName, "/etc/init"), k.Boot(id)); err != nil {
		t.Fatal(err)
	}
	return id
}
