package kernelrpc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// A step is a call that is made on both sides, and must return the same. An error counts
// by what zone.AsError makes of it.
type step struct {
	name  string
	errno errno.Errno // of the last error that the call returns, 0 for success
	do    func(s *side) []any
}

// failure is an error as it is compared.
type failure struct {
	err  *zone.Error
	text string
}

// is returns the results of a call for the comparison.
func is(results ...any) []any {
	for i, r := range results {
		if err, ok := r.(error); ok {
			e := zone.AsError(err)
			results[i] = failure{e, e.Error()}
		}
	}
	return results
}

const nobody zone.ID = 77

func definition() *zone.Definition {
	brand, err := zone.BrandAttribute("lx", "lx")
	if err != nil {
		panic(err)
	}
	return &zone.Definition{
		Def: zone.Def{Name: "web", Root: "/zones/web/root", Privs: priv.Full(), Datasets: "tank/a,tank/b"},
		Steps: []zone.Step{
			brand,
			zone.HostIDAttribute(0x1234),
			zone.PhysMcapAttribute(1 << 30),
			{Mount: &zone.Mount{Special: "/a", Point: "/a", FSType: "lofs", Options: "ro", MakePoint: true}},
			{Mount: &zone.Mount{Special: "swap", Point: "/a", FSType: "tmpfs"}, Optional: true},
			{Address: &zone.Address{Link: "net0", Prefix: "10.0.0.1/8"}},
		},
	}
}

func exclusive() *zone.Definition {
	return &zone.Definition{
		Def: zone.Def{Name: "db", Root: "/zones/db/root", Privs: priv.Full(), Flags: zone.CreateNetExcl},
		Steps: []zone.Step{
			{Link: &zone.Link{Name: "net1"}},
			{Net: &zone.NetData{Link: "net1", Kind: zone.NetAddress, Value: []byte("10.0.0.2/8")}},
		},
	}
}

// netData is the buffer in which zone_getattr returns a property of a link.
func netData(link zone.LinkID) []byte {
	raw := make([]byte, 64)
	binary.LittleEndian.PutUint32(raw, zone.NetAddress)
	binary.LittleEndian.PutUint32(raw[4:], 40)
	binary.LittleEndian.PutUint32(raw[8:], uint32(link))
	return raw
}

// run runs a program and returns everything that it leaves.
func run(s *side, id zone.ID, cmd zone.Cmd, sig os.Signal) []any {
	r, w, err := os.Pipe()
	if err != nil {
		return is(err)
	}
	defer r.Close()
	if !cmd.Pty {
		cmd.Stdout = w
	}
	p, err := s.Start(id, &cmd)
	w.Close()
	if err != nil {
		return is(err)
	}
	defer p.Close()
	out := r
	if p.Pty() != nil {
		out = p.Pty()
		defer out.Close()
	}
	var signalErr error
	if sig != nil {
		signalErr = p.Signal(sig)
	}
	said, readErr := io.ReadAll(out)
	status, err := p.Wait()
	return is(string(said), readErr, status, err, signalErr, p.Pid(), int(zone.ErrnoOf(p.Signal(syscall.SIGTERM))))
}

var steps = []step{
	{"version", 0, func(s *side) []any { n, err := s.Version(); return is(n, err) }},
	{"report", 0, func(s *side) []any {
		r, err := s.Report()
		if r.PID != 0 && r.PID != os.Getpid() {
			return is(r)
		}
		r.PID = 0
		return is(r, err)
	}},

	// Making zones.
	{"create", 0, func(s *side) []any {
		id, err := s.Create(&zone.Def{Name: "tmp", Root: "/zones/tmp", Privs: priv.Basic()})
		return is(id, err)
	}},
	{"create it again", errno.EEXIST, func(s *side) []any { id, err := s.Create(&zone.Def{Name: "tmp", Root: "/zones/2"}); return is(id, err) }},
	{"create without a name", errno.EINVAL, func(s *side) []any { id, err := s.Create(&zone.Def{Root: "/zones/2"}); return is(id, err) }},
	{"create with broken controls", errno.EINVAL, func(s *side) []any {
		id, err := s.Create(&zone.Def{Name: "x", Root: "/zones/x", Rctls: []byte{1, 2, 3}})
		return is(id, err)
	}},
	{"destroy what is ready", errno.EBUSY, func(s *side) []any { return is(s.Destroy(1)) }},
	{"shut it down", 0, func(s *side) []any { return is(s.Shutdown(1)) }},
	{"destroy it", 0, func(s *side) []any { return is(s.Destroy(1)) }},
	{"destroy it again", errno.EINVAL, func(s *side) []any { return is(s.Destroy(1)) }},
	{"what holds nothing", errno.EINVAL, func(s *side) []any { h, err := s.Kernel.(zone.Holder).Holds(nobody); return is(h, err) }},
	{"shut nothing down", errno.EINVAL, func(s *side) []any { return is(s.Shutdown(nobody)) }},
	{"boot nothing", errno.EINVAL, func(s *side) []any { return is(s.Boot(nobody)) }},
	{"make", 0, func(s *side) []any { out, err := s.Make(definition()); s.web = out.ID; return is(out, err) }},
	{"make it again", errno.EEXIST, func(s *side) []any { out, err := s.Make(definition()); return is(out, err) }},
	{"make with a failing step", errno.EBUSY, func(s *side) []any {
		def := definition()
		def.Name, def.Root = "x", "/zones/x"
		def.Steps = append(def.Steps, zone.Step{Mount: def.Steps[3].Mount})
		out, err := s.Make(def)
		return is(out, err)
	}},
	{"make with an empty step", errno.EINVAL, func(s *side) []any {
		out, err := s.Make(&zone.Definition{Def: zone.Def{Name: "x", Root: "/x"}, Steps: []zone.Step{{}}})
		return is(out, err)
	}},
	{"make with a link", 0, func(s *side) []any { out, err := s.Make(exclusive()); s.db = out.ID; return is(out, err) }},
	{"boot with steps", 0, func(s *side) []any {
		out, err := s.BootWith(s.web, []zone.Step{
			zone.TextAttribute(zone.AttrInitName, "/sbin/init"), zone.TextAttribute(zone.AttrBootArgs, "-v"),
			{Mount: &zone.Mount{Special: "swap", Point: "/tmp", FSType: "tmpfs", Inside: true, Devices: []zone.Device{{Match: "/dev/null", Name: "null", Link: "zero"}}}},
			{Mount: &zone.Mount{Special: "swap", Point: "/tmp", FSType: "tmpfs"}, Optional: true},
		})
		return is(out, err)
	}},
	{"boot it again", errno.EINVAL, func(s *side) []any { out, err := s.BootWith(s.web, nil); return is(out, err) }},
	{"boot", 0, func(s *side) []any { return is(s.Boot(s.db)) }},
	{"boot again", errno.EINVAL, func(s *side) []any { return is(s.Boot(s.db)) }},

	// Asking.
	{"list", 0, func(s *side) []any { ids := make([]zone.ID, 9); n, err := s.List(ids); return is(ids, n, err) }},
	{"list into little", 0, func(s *side) []any { ids := make([]zone.ID, 1); n, err := s.List(ids); return is(ids, n, err) }},
	{"list into nothing", 0, func(s *side) []any { n, err := s.List(nil); return is(n, err) }},
	{"lookup", 0, func(s *side) []any { id, err := s.Lookup("web"); return is(id, err) }},
	{"lookup of the caller's", 0, func(s *side) []any { id, err := s.Lookup(""); return is(id, err) }},
	{"lookup of nothing", errno.EINVAL, func(s *side) []any { id, err := s.Lookup("none"); return is(id, err) }},
	{"table", 0, func(s *side) []any { table, err := s.Table(); return is(table, err) }},
	{"inspect", 0, func(s *side) []any { info, err := s.Inspect("web"); return is(info, err) }},
	{"what holds it", 0, func(s *side) []any { h, err := s.Kernel.(zone.Holder).Holds(s.web); return is(h, err) }},
	{"inspect nothing", errno.EINVAL, func(s *side) []any { info, err := s.Inspect("none"); return is(info, err) }},
	{"kstats", 0, func(s *side) []any {
		stats, err := s.Kstats()
		callers := func(k zone.Kstat) bool { return k.Name == "nprocs_zone_0" } // each connection is a process
		return is(slices.DeleteFunc(stats, callers), err)
	}},
	{"attributes", 0, func(s *side) (all []any) {
		for _, attr := range []zone.Attr{zone.AttrRoot, zone.AttrName, zone.AttrStatus, zone.AttrPrivset, zone.AttrUniqID, zone.AttrInitPID,
			zone.AttrInitName, zone.AttrBootArgs, zone.AttrBrand, zone.AttrPhysMcap, zone.AttrFlags, zone.AttrSecFlags, zone.AttrFSAllowed} {
			buf := make([]byte, 64)
			n, err := s.Getattr(s.web, attr, buf)
			all = append(all, is(attr, n, buf, err)...)
		}
		return all
	}},
	{"an attribute into little", 0, func(s *side) []any {
		buf := make([]byte, 2)
		n, err := s.Getattr(s.web, zone.AttrName, buf)
		return is(n, buf, err)
	}},
	{"an attribute's size", 0, func(s *side) []any { n, err := s.Getattr(s.web, zone.AttrRoot, nil); return is(n, err) }},
	{"an attribute that isn't", errno.EINVAL, func(s *side) []any { n, err := s.Getattr(s.web, 99, nil); return is(n, err) }},
	{"an attribute of nothing", errno.EINVAL, func(s *side) []any { n, err := s.Getattr(nobody, zone.AttrName, nil); return is(n, err) }},
	{"a property of a link", 0, func(s *side) []any {
		link, err := s.LinkByName("net1")
		if err != nil {
			return is(err)
		}
		buf := netData(link)
		n, err := s.Getattr(s.db, zone.AttrNetwork, buf)
		return is(n, buf, err)
	}},

	// Changing.
	{"set an attribute", 0, func(s *side) []any { return is(zone.SetPhysMcap(s, s.web, 1<<31)) }},
	{"set one too late", errno.EINVAL, func(s *side) []any { return is(zone.SetText(s, s.web, zone.AttrBootArgs, "-x")) }},
	{"mount", 0, func(s *side) []any {
		n, err := s.MountAll(s.web, []zone.Mount{{Special: "/b", Point: "/b", FSType: "lofs"}, {Special: "/c", Point: "/c", FSType: "lofs"}})
		return is(n, err)
	}},
	{"mount a second time", errno.EBUSY, func(s *side) []any {
		n, err := s.MountAll(s.web, []zone.Mount{{Special: "/d", Point: "/d", FSType: "lofs"}, {Special: "/c", Point: "/c", FSType: "lofs"}})
		return is(n, err)
	}},
	{"mount nothing", 0, func(s *side) []any { n, err := s.MountAll(s.web, nil); return is(n, err) }},
	{"mount in nothing", errno.EINVAL, func(s *side) []any { n, err := s.MountAll(nobody, []zone.Mount{{}}); return is(n, err) }},
	{"unmount", 0, func(s *side) []any { return is(s.Unmount(s.web, "/b", true)) }},
	{"unmount again", errno.EINVAL, func(s *side) []any { return is(s.Unmount(s.web, "/b", false)) }},
	{"a link's name", 0, func(s *side) []any { name, err := s.LinkName(2); return is(name, err) }},
	{"a name of no link", errno.ENXIO, func(s *side) []any { name, err := s.LinkName(9); return is(name, err) }},
	{"a link's id", 0, func(s *side) []any { id, err := s.LinkByName("net0"); return is(id, err) }},
	{"an id of no link", errno.ENXIO, func(s *side) []any { id, err := s.LinkByName("net9"); return is(id, err) }},
	{"add a link", 0, func(s *side) []any { return is(s.AddDatalink(s.db, 1)) }},
	{"add another's", errno.EPERM, func(s *side) []any { return is(s.AddDatalink(s.web, 1)) }},
	{"whose link", 0, func(s *side) []any { id, err := s.CheckDatalink(zone.AllZones, 1); return is(id, err) }},
	{"its link", 0, func(s *side) []any { id, err := s.CheckDatalink(s.db, 1); return is(id, err) }},
	{"not its link", errno.ENXIO, func(s *side) []any { id, err := s.CheckDatalink(s.web, 1); return is(id, err) }},
	{"links", 0, func(s *side) []any {
		links := make([]zone.LinkID, 3)
		n, err := s.ListDatalinks(s.db, links)
		return is(n, links, err)
	}},
	{"links of nothing", errno.ENXIO, func(s *side) []any { n, err := s.ListDatalinks(nobody, nil); return is(n, err) }},
	{"remove a link", 0, func(s *side) []any { return is(s.RemoveDatalink(s.db, 1)) }},
	{"remove it again", errno.ENXIO, func(s *side) []any { return is(s.RemoveDatalink(s.db, 1)) }},
	{"add an address", 0, func(s *side) []any { return is(s.SetAddress(s.web, "net0", "10.0.0.3/8", true)) }},
	{"remove it", 0, func(s *side) []any { return is(s.SetAddress(s.web, "net0", "10.0.0.3/8", false)) }},
	{"add one to no link", errno.ENXIO, func(s *side) []any { return is(s.SetAddress(s.web, "net9", "10.0.0.3/8", true)) }},

	// Programs.
	{"a program", 0, func(s *side) []any {
		return run(s, s.web, zone.Cmd{Path: "/bin/say", Args: []string{"say", "caf\xe9", ""}, Env: []string{"A=\xff"}, Dir: "/d\xfe", UID: 7, GID: 8, Groups: []uint32{9}}, nil)
	}},
	{"its input", 0, func(s *side) []any {
		r, w, err := os.Pipe()
		if err != nil {
			return is(err)
		}
		defer r.Close()
		fmt.Fprint(w, "input")
		w.Close()
		return run(s, s.web, zone.Cmd{Path: "/bin/say", Stdin: r, Controlling: true, Stderr: os.Stderr}, nil)
	}},
	{"its terminal", 0, func(s *side) []any { return run(s, s.web, zone.Cmd{Path: "/bin/say", Pty: true, Like: os.Stderr}, nil) }},
	{"its signal", 0, func(s *side) []any { return run(s, s.web, zone.Cmd{Path: "/bin/wait"}, syscall.SIGHUP) }},
	{"no program", errno.ENOENT, func(s *side) []any { return run(s, s.web, zone.Cmd{Path: "/bin/none"}, nil) }},
	{"a program nowhere", errno.EINVAL, func(s *side) []any { return run(s, nobody, zone.Cmd{Path: "/bin/say"}, nil) }},

	// Resource controls.
	{"controls", 0, func(s *side) []any { all, err := s.RctlControls(); return is(all, err) }},
	{"insert", 0, func(s *side) []any {
		return is(s.RctlInsert(int32(s.web), "zone.max-lwps", rctl.Limited(500, rctl.Deny)))
	}},
	{"insert again", errno.EINVAL, func(s *side) []any {
		return is(s.RctlInsert(int32(s.web), "zone.max-lwps", rctl.Limited(500, rctl.Deny)))
	}},
	{"insert with a signal", 0, func(s *side) []any {
		return is(s.RctlInsert(int32(s.web), "zone.max-lwps", rctl.Value{Privilege: rctl.Privileged, Limit: 400, Action: rctl.Signal, Signal: 15, Recipient: -1}))
	}},
	{"replace", 0, func(s *side) []any {
		return is(s.RctlReplace(int32(s.web), "zone.max-lwps", rctl.Limited(500, rctl.Deny), rctl.Limited(600, rctl.Deny)))
	}},
	{"replace what isn't", errno.ESRCH, func(s *side) []any {
		return is(s.RctlReplace(int32(s.web), "zone.max-lwps", rctl.Limited(500, rctl.Deny), rctl.Limited(600, rctl.Deny)))
	}},
	{"values", 0, func(s *side) []any { v, err := s.RctlValues(int32(s.web), "zone.max-lwps"); return is(v, err) }},
	{"values of nothing", errno.EINVAL, func(s *side) []any { v, err := s.RctlValues(int32(s.web), "zone.none"); return is(v, err) }},
	{"usage", 0, func(s *side) []any { n, err := s.RctlUsage(int32(s.web), "zone.max-processes"); return is(n, err) }},
	{"usage of nothing", errno.EINVAL, func(s *side) []any { n, err := s.RctlUsage(int32(nobody), "zone.cpu-shares"); return is(n, err) }},
	{"delete", 0, func(s *side) []any {
		return is(s.RctlDelete(int32(s.web), "zone.max-lwps", rctl.Limited(600, rctl.Deny)))
	}},
	{"delete again", errno.ESRCH, func(s *side) []any {
		return is(s.RctlDelete(int32(s.web), "zone.max-lwps", rctl.Limited(600, rctl.Deny)))
	}},

	{"shut down what runs", 0, func(s *side) []any { return is(s.Shutdown(s.web), s.Shutdown(s.db)) }},
	{"destroy it for good", 0, func(s *side) []any { return is(s.Destroy(s.web), s.Destroy(s.db)) }},
}

// TestCalls makes every call of a kernel on one in this process and, through client and
// server, on another that is the same: the answers are the same. Whatever the protocol
// has was sent then.
func TestCalls(t *testing.T) {
	direct := local(t)
	through, seen := relayed(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var events [2]<-chan zone.Event
	for i, s := range []*side{direct, through} {
		var err error
		if events[i], err = s.Watch(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range steps {
		want, got := step.do(direct), step.do(through)
		if e := lastErrno(want); e != step.errno {
			t.Fatalf("%s: %v, not %v: %s", step.name, e, step.errno, text(want))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%s, and called directly\n%s", step.name, text(got), text(want))
		}
	}
	for e := range events[0] {
		if got := <-events[1]; got != e {
			t.Errorf("event %+v, not %+v", got, e)
		}
		if e.Name == "db" && e.Status == zone.StatusDead {
			break
		}
	}
	recording := trace.Start("test")
	_, err := through.Version()
	if spans := recording.Stop(); err != nil || trace.Calls(spans) != 1 || len(spans) < 2 {
		t.Errorf("a recorded call has the spans %+v, %v", spans, err)
	}
	if err := through.Enter(through.web); !errors.Is(err, errno.ENOTSUP) {
		t.Errorf("entering a zone: %v", err)
	}
	seen.check(t)
}

func text(results []any) (all string) {
	for _, r := range results {
		if f, ok := r.(failure); ok {
			r = fmt.Sprintf("%s (%+v)", f.text, *f.err)
		}
		all += fmt.Sprintf("%+v ", r)
	}
	return all
}

// lastErrno is the number of the last error among results.
func lastErrno(results []any) (e errno.Errno) {
	for _, r := range results {
		if f, ok := r.(failure); ok {
			e = zone.ErrnoOf(f.err)
		}
	}
	return e
}
