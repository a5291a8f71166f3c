package rctl

import (
	"bytes"
	"errors"
	"slices"

	"github.com/gozones/zones/sys/errno"
)

// The flags of getrctl(2) and setrctl(2).
const (
	GetFirst uint32 = 0 // RCTL_FIRST
	GetNext  uint32 = 1 // RCTL_NEXT
	GetUsage uint32 = 2 // RCTL_USAGE

	SetInsert  uint32 = 0 // RCTL_INSERT
	SetDelete  uint32 = 1 // RCTL_DELETE
	SetReplace uint32 = 2 // RCTL_REPLACE

	// UseRecipientPid is RCTL_USE_RECIPIENT_PID: the recipient in the block, not
	// the caller, is whose value it is.
	UseRecipientPid uint32 = 0x10000000
)

// The flags of rctlctl(2), which reads and changes a control for the whole
// system.
const (
	CtlGet uint32 = 0 // RCTLCTL_GET
	CtlSet uint32 = 1 // RCTLCTL_SET
)

// ProjectPurge is TASK_PROJ_PURGE, a flag of setprojrctl.
const ProjectPurge uint32 = 0x100000

// Calls are the subcodes of the rctlsys system call: the controls of the
// calling process, its task, its project and its zone.
type Calls interface {
	// Getrctl reads into new the first value, the one after old, or the usage.
	// ENOENT after the last value; EINVAL for an unknown control.
	Getrctl(name string, old, new *Block, flags uint32) error
	// Setrctl inserts new, puts new in the place of old, or deletes new.
	Setrctl(name string, old, new *Block, flags uint32) error
	// Rctllist writes the names of all controls into buf, each with its NUL, and
	// returns how many bytes there are, which may be more than fit.
	Rctllist(buf []byte) (int, error)
	// Rctlctl reads or changes global action and syslog level of a control.
	Rctlctl(name string, b *Block, flags uint32) error
	// Setprojrctl gives a control of the caller's project these values, beside or,
	// with ProjectPurge, instead of those that it has from project(5).
	Setprojrctl(name string, blocks []Block, flags uint32) error
}

// open is the machine's way to the calls; calls_illumos.go sets it.
var open func() (Calls, error)

// Open returns the controls of the calling process. ENOTSUP on a system that
// isn't illumos: there only zones have controls, see [System].
func Open() (Calls, error) {
	if open == nil {
		return nil, &Error{Op: "getrctl", Reason: "only illumos has resource controls of processes; a zone's are reached through its kernel", Err: errno.ENOTSUP}
	}
	return open()
}

// Walk returns the names of all controls, sorted (rctl_walk).
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
		buf = make([]byte, n+256) // a module may bring more in the meantime
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

// Blocks returns the values of a control as blocks, lowest first.
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

// Values returns the values of a control, lowest first, the system's last.
func Values(c Calls, name string) ([]Value, error) {
	blocks, err := Blocks(c, name)
	values := make([]Value, len(blocks))
	for i, b := range blocks {
		values[i] = b.Unblock()
	}
	return values, err
}

// Usage returns how much of what the control limits is in use. ENOTSUP for a
// control that doesn't count.
func Usage(c Calls, name string) (uint64, error) {
	var b Block
	if err := c.Getrctl(name, nil, &b, GetUsage); err != nil {
		return 0, named("getrctl", name, err)
	}
	return b.Value, nil
}

// Describe returns the control with its global flags and its maximum, from the
// system's own value.
func Describe(c Calls, name string) (Control, error) {
	blocks, err := Blocks(c, name)
	if err != nil {
		return Control{}, err
	}
	last := blocks[len(blocks)-1]
	return Control{Name: name, Flags: last.GlobalFlags(), Max: last.Value}, nil
}

// Insert adds a value.
func Insert(c Calls, name string, v Value) error {
	b := BlockOf(v)
	return named("setrctl", name, c.Setrctl(name, nil, &b, SetInsert|recipient(v)))
}

// Replace puts v in the place of old.
func Replace(c Calls, name string, old, v Value) error {
	was, b := BlockOf(old), BlockOf(v)
	return named("setrctl", name, c.Setrctl(name, &was, &b, SetReplace|recipient(v)))
}

// Delete removes a value.
func Delete(c Calls, name string, v Value) error {
	b := BlockOf(v)
	return named("setrctl", name, c.Setrctl(name, nil, &b, SetDelete|recipient(v)))
}

// SetProject gives a control of the caller's project the values that its entry in
// project(5) has, as setproject(3PROJECT) does control by control.
func SetProject(c Calls, name string, values ...Value) error {
	blocks := make([]Block, len(values))
	for i, v := range values {
		blocks[i] = BlockOf(v)
	}
	return named("setprojrctl", name, c.Setprojrctl(name, blocks, ProjectPurge))
}

// SetSyslog says whether and at which level (LOG_*) the system logs that a value of
// the control was exceeded, as rctladm(8) does.
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

// recipient returns the flag that makes the kernel look at the value's own.
func recipient(v Value) uint32 {
	if v.Recipient > 0 {
		return UseRecipientPid
	}
	return 0
}

// named puts call and control to an errno.
func named(op, name string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errno.Of(err); ok {
		return &Error{Op: op, Control: name, Err: e}
	}
	return err
}
