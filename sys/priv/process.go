package priv

import "github.com/gozones/zones/sys/internal/abi"

// Which names one of the four sets of a process (priv_ptype_t).
type Which string

// The sets of a process.
const (
	Effective   Which = "Effective"   // PRIV_EFFECTIVE: the privileges it uses now
	Inheritable Which = "Inheritable" // PRIV_INHERITABLE: what a program it executes gets
	Permitted   Which = "Permitted"   // PRIV_PERMITTED: what it may add to Effective
	Limit       Which = "Limit"       // PRIV_LIMIT: the most that it and its children can ever get
)

// Op is what [Change] does with a set (priv_op_t).
type Op int32

// The changes.
const (
	On  Op = abi.PRIV_ON  // PRIV_ON: add the privileges
	Off Op = abi.PRIV_OFF // PRIV_OFF: remove the privileges
	To  Op = abi.PRIV_SET // PRIV_SET: replace the set
)

// Flag is an attribute of a process that concerns its privileges.
type Flag uint32

// The flags, for [GetFlag] and [SetFlag].
const (
	Debug        Flag = abi.PRIV_DEBUG         // PRIV_DEBUG: report missing privileges to the terminal
	Aware        Flag = abi.PRIV_AWARE         // PRIV_AWARE: uid 0 gives no privileges
	AwareInherit Flag = abi.PRIV_AWARE_INHERIT // PRIV_AWARE_INHERIT: keep Aware at exec
	AwareReset   Flag = abi.PRIV_AWARE_RESET   // PRIV_AWARE_RESET: clear Aware at setuid(2)
	XPolicy      Flag = abi.PRIV_XPOLICY       // PRIV_XPOLICY: an extended policy applies
	PFExec       Flag = abi.PRIV_PFEXEC        // PRIV_PFEXEC: execute programs with their profiles, as pfexec(1)
)

// Own returns one of the calling process's sets (getppriv(2)). ENOTSUP on systems other
// than illumos.
func Own(which Which) (Set, error) {
	s, err := own(which)
	return s, failed("getppriv", which, err)
}

// Change changes one of the calling process's sets, for all its threads (setppriv(2)).
// Privileges removed from the permitted or the limit set can't be added again: EPERM,
// as for any set larger than the one that bounds it. ENOTSUP on systems other than
// illumos.
func Change(op Op, which Which, s Set) error { return failed("setppriv", which, change(op, which, s)) }

// GetFlag reports whether the calling process has a flag (getpflags(2)). EINVAL for an
// unknown flag, ENOTSUP on systems other than illumos.
func GetFlag(f Flag) (bool, error) {
	on, err := getFlag(f)
	return on, failed("getpflags", "", err)
}

// SetFlag sets or clears a flag of the calling process (setpflags(2)). EINVAL for an
// unknown flag, EPERM for one that it may not change, ENOTSUP on systems other than
// illumos.
func SetFlag(f Flag, on bool) error { return failed("setpflags", "", setFlag(f, on)) }

// Kernel returns the running kernel's table of privileges (getprivimplinfo). An error
// wraps [ErrTable] if the table can't be read. ENOTSUP on systems other than illumos.
func Kernel() (*Table, error) {
	raw, err := kernelTable()
	if err != nil {
		return nil, failed("getprivimplinfo", "", err)
	}
	t := new(Table)
	return t, t.UnmarshalBinary(raw)
}

// Elevated reports whether this process has more privileges than the user who started it
// (issetugid(2)), so that its arguments, environment and descriptors can't be trusted.
// It is false on systems other than illumos.
func Elevated() bool { return elevated() }

func failed(op string, which Which, err error) error {
	if err == nil {
		return nil
	}
	return &callError{op, which, err}
}

// callError is a failed call. Its text is made only when it is read: on systems
// without privileges, every command gets this error when it reads its own.
type callError struct {
	op    string
	which Which // "" for a call that isn't about a set
	err   error
}

func (e *callError) Error() string {
	if e.which == "" {
		return e.op + ": " + e.err.Error()
	}
	return e.op + " " + string(e.which) + ": " + e.err.Error()
}

func (e *callError) Unwrap() error { return e.err }
