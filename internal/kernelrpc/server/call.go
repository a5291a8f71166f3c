package server

import (
	"os"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// failure is the error of a call as its caller gets it: one that is only a number, or
// the host's, is told of the call.
func failure(r *wire.Request, err error) *zone.Error {
	e := zone.AsError(err)
	if e == nil || e.Op != "" {
		return e
	}
	name := r.Name
	if r.Definition != nil {
		name = r.Definition.Name
	}
	told := &zone.Error{Op: r.Op, ID: r.ID, Name: name, Errno: zone.ErrnoOf(e)}
	if e.Text != "" || e.Cause != nil {
		told.Cause = e
	}
	return told
}

// maxRoom bounds what a caller can make the kernel allocate.
const maxRoom = 64 << 10

// call makes a call that is one request and one reply.
func (c *caller) call(r *wire.Request, reply *wire.Reply) (err error) {
	k := c.local
	room := min(max(r.Room, 0), maxRoom)
	switch r.Op {
	case wire.OpMake:
		if r.Definition == nil {
			return errno.EFAULT
		}
		if err := c.mayMount(r); err != nil {
			return err
		}
		reply.Outcome, err = k.Make(r.Definition)
		if err == nil {
			c.created = reply.Outcome.ID
		}
	case wire.OpBootWith:
		if err := c.mayMount(r); err != nil {
			return err
		}
		reply.Outcome, err = k.BootWith(r.ID, r.Steps)
	case wire.OpTable:
		reply.Table, err = k.Table()
	case wire.OpInspect:
		var info zone.Info
		info, err = k.Inspect(r.Name)
		reply.Info = &info
	case wire.OpCreate:
		if r.Def == nil {
			return errno.EFAULT
		}
		var id zone.ID
		if id, err = k.Create(r.Def); err == nil {
			c.created = id
		}
		reply.N = int64(id)
	case wire.OpBoot:
		return k.Boot(r.ID)
	case wire.OpShutdown:
		return k.Shutdown(r.ID)
	case wire.OpDestroy:
		return k.Destroy(r.ID)
	case wire.OpGetattr:
		var buf []byte
		if !r.Null {
			buf = make([]byte, room)
			copy(buf, r.Buf)
		}
		var n int
		n, err = k.Getattr(r.ID, r.Attr, buf)
		reply.N, reply.Buf = int64(n), buf[:min(n, len(buf))]
	case wire.OpSetattr:
		return k.Setattr(r.ID, r.Attr, r.Buf)
	case wire.OpList:
		ids := make([]zone.ID, room)
		var n int
		n, err = k.List(ids)
		reply.N, reply.IDs = int64(n), ids[:min(n, room)]
	case wire.OpLookup:
		var id zone.ID
		id, err = k.Lookup(r.Name)
		reply.N = int64(id)
	case wire.OpVersion:
		var n int
		n, err = k.Version()
		reply.N = int64(n)
	default:
		return c.callMore(r, reply)
	}
	return err
}

// callMore makes the calls about links, programs, resource controls and the host.
func (c *caller) callMore(r *wire.Request, reply *wire.Reply) (err error) {
	k := c.local
	room := min(max(r.Room, 0), maxRoom)
	switch r.Op {
	case wire.OpAddLink:
		return k.AddDatalink(r.ID, r.Link)
	case wire.OpRemoveLink:
		return k.RemoveDatalink(r.ID, r.Link)
	case wire.OpCheckLink:
		var id zone.ID
		id, err = k.CheckDatalink(r.ID, r.Link)
		reply.N = int64(id)
	case wire.OpListLinks:
		links := make([]zone.LinkID, room)
		var n int
		n, err = k.ListDatalinks(r.ID, links)
		reply.N, reply.Links = int64(n), links[:min(n, room)]
	case wire.OpWait:
		return c.wait(r, reply)
	case wire.OpSignal:
		return c.signal(r)
	case wire.OpReport:
		var report zone.Report
		report, err = k.Report()
		report.PID = os.Getpid()
		reply.Report = &report
	case wire.OpKstats:
		reply.Kstats, err = k.Kstats()
	case wire.OpLinkByName:
		var id zone.LinkID
		id, err = k.LinkByName(r.Name)
		reply.N = int64(id)
	case wire.OpLinkName:
		reply.Name, err = k.LinkName(r.Link)
	case wire.OpMount, wire.OpUnmount, wire.OpSetAddress:
		return c.onHost(r, reply)
	default:
		if known, err := c.rctls(r, reply); known {
			return err
		}
		return errno.EINVAL
	}
	return err
}

// onHost makes the calls by which the host changes something for a zone.
func (c *caller) onHost(r *wire.Request, reply *wire.Reply) error {
	if !c.privileged() {
		return errno.EPERM
	}
	switch r.Op {
	case wire.OpMount:
		done, err := c.local.MountAll(r.ID, r.Mounts)
		reply.N = int64(done)
		return err
	case wire.OpUnmount:
		return c.local.Unmount(r.ID, r.Point, r.Force)
	}
	return c.local.SetAddress(r.ID, r.Name, r.Prefix, r.Add)
}

// mayMount refuses steps that change something on the host to a caller who may not.
func (c *caller) mayMount(r *wire.Request) error {
	steps := r.Steps
	if r.Definition != nil {
		steps = r.Definition.Steps
	}
	for _, s := range steps {
		if (s.Mount != nil || s.Address != nil) && !c.privileged() {
			return errno.EPERM
		}
	}
	return nil
}
