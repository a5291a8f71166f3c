package rctl

import (
	"bytes"
	"errors"
	"slices"

	"github.com/gozones/zones/sys/errno"
)

// The flags of getrctl(2) and setrctl(2).
const (
	GetFirst uint32 = 0 // RCTL_FIRST: the lowest value
	GetNext  uint32 = 1 // RCTL_NEXT: the value after old
	GetUsage uint32 = 2 // RCTL_USAGE: the usage

	SetInsert  uint32 = 0 // RCTL_INSERT: add new
	SetDelete  uint32 = 1 // RCTL_DELETE: delete new
	SetReplace uint32 = 2 // RCTL_REPLACE: replace old by new

	// UseRecipientPid is RCTL_USE_RECIPIENT_PID: the value is of the process in the
	// block's recipient, not of the caller.
	UseRecipientPid uint32 = 0x10000000
)

// The flags of rctlctl, which reads and changes a control for the whole system.
const (
	CtlGet uint32 = 0 // RCTLCTL_GET: read
	CtlSet uint32 = 1 // RCTLCTL_SET: change
)

// ProjectPurge is TASK_PROJ_PURGE, a flag of setprojrctl: replace the values that came
// from project(5).
const ProjectPurge uint32 = 0x100000

// Calls has the functions of the rctlsys system call, which act on the controls of the
// calling process, its task, its project and its zone. The flags are the constants Get*,
// Set*, Ctl*.
type Calls interface {
	// Getrctl reads the first value, the value after old, or the usage into new
	// (getrctl(2)). ENOENT after the last value; EINVAL for an unknown control.
	Getrctl(name string, old, new *Block, flags uint32) error
	// Setrctl inserts new, replaces old by new, or deletes new (setrctl(2)). EINVAL
	// for an unknown control or a value that it doesn't allow, ESRCH when there is no
	// such value, EPERM for a value that the caller may not change.
	Setrctl(name string, old, new *Block, flags uint32) error
	// Rctllist writes the names of all controls to buf, each with a NUL, and returns
	// their length in bytes, which may exceed that of buf.
	Rctllist(buf []byte) (int, error)
	// Rctlctl reads or changes the global action and syslog level of a control.
	Rctlctl(name string, b *Block, flags uint32) error
	// Setprojrctl adds values to a control of the caller's project; with ProjectPurge
	// they replace those from project(5).
	Setprojrctl(name string, blocks []Block, flags uint32) error
}

// open returns the running kernel's calls; the files for illumos set it.
var open func() (Calls, error)

// Open returns the running kernel's calls. ENOTSUP on systems other than illumos, where
// only zones have controls: see [System].
func Open() (Calls, error) {
	if open == nil {
		return nil, &Error{Op: "getrctl", Reason: "only illumos has resource controls of processes; those of a zone are reached through its kernel", Err: errno.ENOTSUP}
	}
	return open()
}

// Walk returns the names of all controls, sorted (rctl_walk(3C)).
func Walk(c Calls) ([]string, error) {
	buf := make([]byte, 4096)
	for {
		n, err := c.Rctllist(buf)
		if err != nil {
			return nil, err
		}
		if n <= len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, n+256) // a module that is loaded meanwhile may add some
	}
	var names []string
	for name := range bytes.SplitSeq(buf, []byte{0}) {
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// Blocks returns the values of a control as blocks, lowest first. EINVAL for an unknown
// control.
func Blocks(c Calls, name string) ([]Block, error) {
	var b Block
	if err := c.Getrctl(name, nil, &b, GetFirst); err != nil {
		return nil, named("getrctl", name, err)
	}
	blocks := []Block{b}
	for {
		var next Block
		err := c.Getrctl(name, &b, &next, GetNext)
		if errors.Is(err, errno.ENOENT) {
			return blocks, nil
		}
		if err != nil {
			return nil, named("getrctl", name, err)
		}
		blocks = append(blocks, next)
		b = next
	}
}

// Values returns the values of a control, lowest first; the last is the system's own.
// EINVAL for an unknown control.
func Values(c Calls, name string) ([]Value, error) {
	blocks, err := Blocks(c, name)
	values := make([]Value, len(blocks))
	for i, b := range blocks {
		values[i] = b.Unblock()
	}
	return values, err
}

// Usage returns how much of what the control limits is in use, in the control's unit.
// ENOTSUP for a control without a usage.
func Usage(c Calls, name string) (uint64, error) {
	var b Block
	if err := c.Getrctl(name, nil, &b, GetUsage); err != nil {
		return 0, named("getrctl", name, err)
	}
	return b.Value, nil
}

// Describe returns the control with its global flags and its maximum, which it reads
// from the system's own value. EINVAL for an unknown control.
func Describe(c Calls, name string) (Control, error) {
	blocks, err := Blocks(c, name)
	if err != nil {
		return Control{}, err
	}
	last := blocks[len(blocks)-1]
	return Control{Name: name, Flags: last.GlobalFlags(), Max: last.Value}, nil
}

// Insert adds a value, with the errors of [Calls.Setrctl].
func Insert(c Calls, name string, v Value) error {
	b := BlockOf(v)
	return named("setrctl", name, c.Setrctl(name, nil, &b, SetInsert|recipient(v)))
}

// Replace replaces old by v, with the errors of [Calls.Setrctl].
func Replace(c Calls, name string, old, v Value) error {
	was, b := BlockOf(old), BlockOf(v)
	return named("setrctl", name, c.Setrctl(name, &was, &b, SetReplace|recipient(v)))
}

// Delete removes a value, with the errors of [Calls.Setrctl].
func Delete(c Calls, name string, v Value) error {
	b := BlockOf(v)
	return named("setrctl", name, c.Setrctl(name, nil, &b, SetDelete|recipient(v)))
}

// SetProject sets the values of a control of the caller's project, as
// setproject(3PROJECT) does for each control of an entry of project(5).
func SetProject(c Calls, name string, values ...Value) error {
	blocks := make([]Block, len(values))
	for i, v := range values {
		blocks[i] = BlockOf(v)
	}
	return named("setprojrctl", name, c.Setprojrctl(name, blocks, ProjectPurge))
}

// SetSyslog sets whether, and at which level (LOG_*), the system logs that a value of the
// control was exceeded, as rctladm(8) does.
func SetSyslog(c Calls, name string, on bool, level int32) error {
	var b Block
	if err := c.Rctlctl(name, &b, CtlGet); err != nil {
		return named("rctlctl", name, err)
	}
	b.GlobalFlagAction &^= uint32(GlobalSyslog)
	if on {
		b.GlobalFlagAction |= uint32(GlobalSyslog)
	}
	b.GlobalSyslogLevel = level
	return named("rctlctl", name, c.Rctlctl(name, &b, CtlSet))
}

// recipient returns the flag for a value that has a recipient.
func recipient(v Value) uint32 {
	if v.Recipient > 0 {
		return UseRecipientPid
	}
	return 0
}

// named adds the call and the control to an errno.
func named(op, name string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errno.Of(err); ok {
		return &Error{Op: op, Control: name, Err: e}
	}
	return err
}
