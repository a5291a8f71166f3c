package rctl

// System is a kernel's controls of zones. The embedded kernel implements it,
// and the client that reaches one over a door; on illumos, where a process
// reaches the controls of its own zone only, a helper that enters the zone.
//
// A zone is given by its id. Failures hold an errno: EINVAL for an unknown zone,
// control or value, ESRCH for a value that isn't set, EPERM for a caller that
// may not.
type System interface {
	// RctlControls returns the dictionary of zone controls (rctl_walk and the
	// global flags and system values of getrctl).
	RctlControls() ([]Control, error)
	// RctlValues returns the values of a control, lowest first, the system's own
	// last (getrctl with RCTL_FIRST and RCTL_NEXT).
	RctlValues(zone int32, name string) ([]Value, error)
	// RctlUsage returns how much of what the control limits is in use (getrctl
	// with RCTL_USAGE). ENOTSUP for a control that doesn't count.
	RctlUsage(zone int32, name string) (uint64, error)
	// RctlInsert adds a value (setrctl with RCTL_INSERT). EINVAL when a value of
	// the same limit, privilege and action is there.
	RctlInsert(zone int32, name string, v Value) error
	// RctlReplace puts one value in the place of another (RCTL_REPLACE).
	RctlReplace(zone int32, name string, old, v Value) error
	// RctlDelete removes a value (RCTL_DELETE).
	RctlDelete(zone int32, name string, v Value) error
}
