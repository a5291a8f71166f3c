package replay

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// make makes the call of a step, by the step's process.
func (w *world) make(c *call) error {
	s := c.step
	if sub, ok := w.subcode(s); ok {
		args, err := w.arguments(c, s)
		if err != nil {
			return err
		}
		if s.Model == "ilp32" {
			w.in.SetModel32(c.proc, true)
			defer w.in.SetModel32(c.proc, false)
		}
		ret, e := c.proc.Syscall(sub, args, &c.mem)
		c.result.ret, c.result.errno = &ret, e
		return nil
	}
	if entry, ok := entries[s.Call]; ok {
		return entry(w, c)
	}
	return fmt.Errorf("unknown call %q", s.Call)
}

// subcode returns the number of a system call; names beginning with cmd are
// subcodes that don't exist.
func (w *world) subcode(s *Step) (zone.Subcode, bool) {
	if sub, ok := w.env.Commands[s.Call]; ok {
		return sub, true
	}
	if number, ok := strings.CutPrefix(s.Call, "cmd"); ok {
		n, err := strconv.Atoi(number)
		return zone.Subcode(n), err == nil
	}
	return 0, false
}

// arguments lays out a system call's arguments as a program would pass them.
func (w *world) arguments(c *call, s *Step) (args [4]uint64, err error) {
	at := func(name string) uint64 {
		addr, e := c.mem.argument(name, s.Args[name])
		if e != nil && err == nil {
			err = e
		}
		return addr
	}
	n := func(name string) uint64 { return uint64(s.number(name)) }
	switch s.Call {
	case "create":
		args[0] = w.def(c, s, at)
	case "getattr", "setattr":
		args = [4]uint64{n("zoneid"), n("attr"), at("buf"), n("bufsize")}
	case "list":
		args = [4]uint64{at("zoneidlist"), at("numzones")}
	case "lookup":
		args[0] = at("name")
	case "version":
		args[0] = at("version")
	case "add_datalink", "del_datalink":
		args = [4]uint64{n("zoneid"), n("linkid")}
	case "check_datalink":
		args = [4]uint64{at("zoneidp"), n("linkid")}
	case "list_datalink":
		args = [4]uint64{n("zoneid"), at("nump"), at("idarray")}
	default:
		args[0] = n("zoneid")
	}
	return args, err
}

// def lays out zone_def in the caller's data model.
func (w *world) def(c *call, s *Step, at func(string) uint64) uint64 {
	if raw, ok := s.Args["def"]; ok {
		_ = raw
		return at("def")
	}
	members := []uint64{
		at("name"), at("root"), at("privs"), uint64(s.number("privssz")), at("rctlbuf"), uint64(s.number("rctlbufsz")),
		at("extended_error"), at("zfsbuf"), uint64(s.number("zfsbufsz")), uint64(uint32(s.number("flags"))),
	}
	var raw []byte
	for _, m := range members {
		if s.Model == "ilp32" {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(m))
		} else {
			raw = binary.LittleEndian.AppendUint64(raw, m)
		}
	}
	return c.mem.add("", raw, false)
}

func (w *world) repeatCreate(c *call) error {
	s := c.step
	for range s.number("times") {
		one := &call{step: &Step{Call: "create", Args: s.Args}, proc: c.proc}
		args, err := w.arguments(one, one.step)
		if err != nil {
			return err
		}
		if _, e := c.proc.Syscall(zone.SubCreate, args, &one.mem); int64(e) != s.number("errno") {
			return fmt.Errorf("a repeated create failed with %s, recorded %d", e.Name(), s.number("errno"))
		}
	}
	return nil
}
