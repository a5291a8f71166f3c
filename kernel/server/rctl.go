package server

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/kdoor"
)

// rctls answers what is asked of the resource controls of zones; the kernel says
// who may. ok is false for another request.
func (c *caller) rctls(r *kdoor.Request, reply *kdoor.Reply) (ok bool, err error) {
	controls, id := c.proc.Rctls(), int32(r.ID)
	switch r.Op {
	case kdoor.OpRctlControls:
		reply.Controls, err = controls.RctlControls()
		return true, err
	case kdoor.OpRctlValues:
		reply.Values, err = controls.RctlValues(id, r.Name)
		return true, err
	case kdoor.OpRctlUsage:
		reply.Usage, err = controls.RctlUsage(id, r.Name)
		return true, err
	case kdoor.OpRctlInsert, kdoor.OpRctlDelete, kdoor.OpRctlReplace:
	default:
		return false, nil
	}
	switch {
	case r.Value == nil, r.Old == nil && r.Op == kdoor.OpRctlReplace:
		return true, errno.EFAULT
	case r.Op == kdoor.OpRctlInsert:
		return true, controls.RctlInsert(id, r.Name, *r.Value)
	case r.Op == kdoor.OpRctlDelete:
		return true, controls.RctlDelete(id, r.Name, *r.Value)
	}
	return true, controls.RctlReplace(id, r.Name, *r.Old, *r.Value)
}
