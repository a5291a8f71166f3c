package rctl

// System reads and changes the controls of zones by their ids. The embedded kernel
// implements it, in the same process and through its client.
//
// Errors wrap an errno: EINVAL for an unknown zone or control or a value that it doesn't
// accept, ESRCH for a value that isn't set, EPERM for a caller that isn't allowed to.
type System interface {
	// RctlControls returns the dictionary of zones' controls.
	RctlControls() ([]Control, error)
	// RctlValues returns the values of a control, lowest first; the last is the
	// system's own (getrctl(2) with RCTL_FIRST and RCTL_NEXT).
	RctlValues(zone int32, name string) ([]Value, error)
	// RctlUsage returns how much of what the control limits is in use, in the control's
	// unit (getrctl(2) with RCTL_USAGE). ENOTSUP for a control without a usage.
	RctlUsage(zone int32, name string) (uint64, error)
	// RctlInsert adds a value (setrctl(2) with RCTL_INSERT). EINVAL when there is a value
	// with the same limit, privilege and action.
	RctlInsert(zone int32, name string, v Value) error
	// RctlReplace replaces a value by another (RCTL_REPLACE).
	RctlReplace(zone int32, name string, old, v Value) error
	// RctlDelete removes a value (RCTL_DELETE).
	RctlDelete(zone int32, name string, v Value) error
}
