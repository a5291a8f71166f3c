package priv

import (
	"fmt"

	"github.com/gozones/zones/sys/internal/abi"
)

// Which of a process's sets is meant (priv_ptype_t).
type Which string

// The sets of a process.
const (
	Effective   Which = "Effective"   // PRIV_EFFECTIVE: what counts now
	Inheritable Which = "Inheritable" // PRIV_INHERITABLE: what an executed program is given
	Permitted   Which = "Permitted"   // PRIV_PERMITTED: what may be put into effect
	Limit       Which = "Limit"       // PRIV_LIMIT: the most that it or a child can ever have
)

// Op is what [Change] does with a set (priv_op_t).
type Op int32

// The changes.
const (
	On  Op = abi.PRIV_ON  // add these
	Off Op = abi.PRIV_OFF // take these away
	To  Op = abi.PRIV_SET // exactly these
)

// Flag is a property of a process about its privileges.
type Flag uint32

// The flags; [GetFlag] and [SetFlag] take one.
const (
	Debug        Flag = abi.PRIV_DEBUG         // PRIV_DEBUG: report what is missing
	Aware        Flag = abi.PRIV_AWARE         // PRIV_AWARE: knows of privileges; uid 0 alone gives none
	AwareInherit Flag = abi.PRIV_AWARE_INHERIT // PRIV_AWARE_INHERIT
	AwareReset   Flag = abi.PRIV_AWARE_RESET   // PRIV_AWARE_RESET: forget it at setuid
	XPolicy      Flag = abi.PRIV_XPOLICY       // PRIV_XPOLICY: an extended policy is in use
	PFExec       Flag = abi.PRIV_PFEXEC        // PRIV_PFEXEC: executes with profiles
)

// Own returns one of the calling process's sets (getppriv(2)). ENOTSUP on a system
// that has none.
func Own(which Which) (Set, error) {
	s, err := own(which)
	return s, failed("getppriv", which, err)
}

// Change changes one of the calling process's sets, of all its threads
// (setppriv(2)). What is taken from the permitted or the limit set never comes
// back. EPERM for a set that would be more than its bounds allow. ENOTSUP on a
// system that has none.
func Change(op Op, which Which, s Set) error { return failed("setppriv", which, change(op, which, s)) }

// GetFlag tells whether the process has a flag (getpflags(2)).
func GetFlag(f Flag) (bool, error) {
	on, err := getFlag(f)
	return on, failed("getpflags", "", err)
}

// SetFlag gives it a flag or takes it away (setpflags(2)).
func SetFlag(f Flag, on bool) error { return failed("setpflags", "", setFlag(f, on)) }

// Kernel returns the running kernel's own table. ENOTSUP on a system that has none.
func Kernel() (*Table, error) {
	raw, err := kernelTable()
	if err != nil {
		return nil, failed("getprivimplinfo", "", err)
	}
	t := new(Table)
	return t, t.UnmarshalBinary(raw)
}

func failed(op string, which Which, err error) error {
	if err == nil {
		return nil
	}
	if which != "" {
		op += " " + string(which)
	}
	return fmt.Errorf("%s: %w", op, err)
}
