package server

import (
	"os"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// A handler makes the call that a request asks for and returns the body of the reply,
// nil for none; it may have one also when the call failed. The kernel checks whether
// the caller may make the call.
type handler func(c *caller, r *wire.Request) (any, error)

// takes is the handler of a call whose request has a body.
func takes[T any](call func(c *caller, r *wire.Request, body T) (any, error)) handler {
	return func(c *caller, r *wire.Request) (any, error) {
		var body T
		if err := r.Take(&body); err != nil {
			return nil, err
		}
		return call(c, r, body)
	}
}

// calls are the handlers by op. OpWatch has none: its replies are many.
var calls = map[string]handler{
	wire.OpCreate: takes(func(c *caller, _ *wire.Request, def zone.Def) (any, error) {
		id, err := c.local.Create(&def)
		if err == nil {
			c.made = id
		}
		return id, err
	}),
	wire.OpBoot:     func(c *caller, r *wire.Request) (any, error) { return nil, c.local.Boot(r.ID) },
	wire.OpShutdown: func(c *caller, r *wire.Request) (any, error) { return nil, c.local.Shutdown(r.ID) },
	wire.OpDestroy:  func(c *caller, r *wire.Request) (any, error) { return nil, c.local.Destroy(r.ID) },
	wire.OpGetattr: takes(func(c *caller, r *wire.Request, wanted wire.Getattr) (any, error) {
		var buf []byte
		if !wanted.Null {
			buf = make([]byte, bounded(wanted.Room))
			copy(buf, wanted.Buf)
		}
		n, err := c.local.Getattr(r.ID, wanted.Attr, buf)
		return wire.Attr{N: n, Buf: buf[:min(n, len(buf))]}, err
	}),
	wire.OpSetattr: takes(func(c *caller, r *wire.Request, v zone.AttrValue) (any, error) {
		return nil, c.local.Setattr(r.ID, v.Attr, v.Value)
	}),
	wire.OpList: takes(func(c *caller, _ *wire.Request, room int) (any, error) {
		ids := make([]zone.ID, bounded(room))
		n, err := c.local.List(ids)
		return wire.IDs{N: n, IDs: ids[:min(n, len(ids))]}, err
	}),
	wire.OpLookup:  func(c *caller, r *wire.Request) (any, error) { return c.local.Lookup(r.Name) },
	wire.OpVersion: func(c *caller, _ *wire.Request) (any, error) { return c.local.Version() },
	wire.OpAddLink: takes(func(c *caller, r *wire.Request, link zone.LinkID) (any, error) {
		return nil, c.local.AddDatalink(r.ID, link)
	}),
	wire.OpRemoveLink: takes(func(c *caller, r *wire.Request, link zone.LinkID) (any, error) {
		return nil, c.local.RemoveDatalink(r.ID, link)
	}),
	wire.OpCheckLink: takes(func(c *caller, r *wire.Request, link zone.LinkID) (any, error) {
		return c.local.CheckDatalink(r.ID, link)
	}),
	wire.OpListLinks: takes(func(c *caller, r *wire.Request, room int) (any, error) {
		links := make([]zone.LinkID, bounded(room))
		n, err := c.local.ListDatalinks(r.ID, links)
		return wire.Links{N: n, Links: links[:min(n, len(links))]}, err
	}),

	wire.OpMake: takes(func(c *caller, _ *wire.Request, def zone.Definition) (any, error) {
		out, err := c.local.Make(&def)
		if err == nil {
			c.made = out.ID
		}
		return out, err
	}),
	wire.OpBootWith: takes(func(c *caller, r *wire.Request, steps []zone.Step) (any, error) {
		return c.local.BootWith(r.ID, steps)
	}),
	wire.OpTable: func(c *caller, _ *wire.Request) (any, error) {
		table, err := c.local.Table()
		if err != nil {
			return nil, err
		}
		return (*wire.Table)(table), nil
	},
	wire.OpInspect: func(c *caller, r *wire.Request) (any, error) { return c.local.Inspect(r.Name) },

	wire.OpMount: takes(func(c *caller, r *wire.Request, mounts []zone.Mount) (any, error) {
		return c.local.MountAll(r.ID, mounts)
	}),
	wire.OpUnmount: takes(func(c *caller, r *wire.Request, u wire.Unmount) (any, error) {
		return nil, c.local.Unmount(r.ID, u.Point, u.Force)
	}),
	wire.OpLinkByName: func(c *caller, r *wire.Request) (any, error) { return c.local.LinkByName(r.Name) },
	wire.OpLinkName: takes(func(c *caller, _ *wire.Request, link zone.LinkID) (any, error) {
		return c.local.LinkName(link)
	}),
	wire.OpSetAddress: takes(func(c *caller, r *wire.Request, a wire.Address) (any, error) {
		return nil, c.local.SetAddress(r.ID, r.Name, a.Prefix, a.Add)
	}),
	wire.OpKstats: func(c *caller, _ *wire.Request) (any, error) { return c.local.Kstats() },
	wire.OpReport: func(c *caller, _ *wire.Request) (any, error) {
		report, err := c.local.Report()
		report.PID = os.Getpid()
		return report, err
	},
	wire.OpHolds: func(c *caller, r *wire.Request) (any, error) { return c.local.Holds(r.ID) },

	wire.OpStart:  takes((*caller).start),
	wire.OpWait:   takes((*caller).wait),
	wire.OpSignal: takes((*caller).signal),

	wire.OpRctlControls: func(c *caller, _ *wire.Request) (any, error) { return c.proc.Rctls().RctlControls() },
	wire.OpRctlValues: func(c *caller, r *wire.Request) (any, error) {
		return c.proc.Rctls().RctlValues(int32(r.ID), r.Name)
	},
	wire.OpRctlUsage: func(c *caller, r *wire.Request) (any, error) {
		return c.proc.Rctls().RctlUsage(int32(r.ID), r.Name)
	},
	wire.OpRctlInsert: takes(func(c *caller, r *wire.Request, v rctl.Value) (any, error) {
		return nil, c.proc.Rctls().RctlInsert(int32(r.ID), r.Name, v)
	}),
	wire.OpRctlReplace: takes(func(c *caller, r *wire.Request, v wire.Replace) (any, error) {
		return nil, c.proc.Rctls().RctlReplace(int32(r.ID), r.Name, v.Old, v.Value)
	}),
	wire.OpRctlDelete: takes(func(c *caller, r *wire.Request, v rctl.Value) (any, error) {
		return nil, c.proc.Rctls().RctlDelete(int32(r.ID), r.Name, v)
	}),
}

// bounded is the length of a buffer that a caller has.
func bounded(room int) int { return min(max(room, 0), wire.MaxRoom) }
