package server

import (
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
)

// rctls answers what is asked of the resource controls of zones; the kernel says
// who may. ok is false for another request.
func (c *caller) rctls(r *wire.Request, reply *wire.Reply) (ok bool, err error) {
	controls, id := c.proc.Rctls(), int32(r.ID)
	switch r.Op {
	case wire.OpRctlControls:
		reply.Controls, err = controls.RctlControls()
		return true, err
	case wire.OpRctlValues:
		reply.Values, err = controls.RctlValues(id, r.Name)
		return true, err
	case wire.OpRctlUsage:
		reply.Usage, err = controls.RctlUsage(id, r.Name)
		return true, err
	case wire.OpRctlInsert, wire.OpRctlDelete, wire.OpRctlReplace:
	default:
		return false, nil
	}
	switch {
	case r.Value == nil, r.Old == nil && r.Op == wire.OpRctlReplace:
		return true, errno.EFAULT
	case r.Op == wire.OpRctlInsert:
		return true, controls.RctlInsert(id, r.Name, *r.Value)
	case r.Op == wire.OpRctlDelete:
		return true, controls.RctlDelete(id, r.Name, *r.Value)
	}
	return true, controls.RctlReplace(id, r.Name, *r.Old, *r.Value)
}
