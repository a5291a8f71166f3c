package secflags

import "github.com/gozones/zones/sys/errno"

// IDType says of what the id is, by which processes are chosen (idtype_t).
type IDType int32

const (
	ByPID     IDType = 0  // P_PID
	ByPPID    IDType = 1  // P_PPID
	ByPGID    IDType = 2  // P_PGID
	BySID     IDType = 3  // P_SID
	ByUID     IDType = 5  // P_UID
	ByGID     IDType = 6  // P_GID
	ByAll     IDType = 7  // P_ALL
	ByTask    IDType = 9  // P_TASKID
	ByProject IDType = 10 // P_PROJID
	ByZone    IDType = 12 // P_ZONEID
	ByCTID    IDType = 13 // P_CTID
)

// Self is the id of the caller, its task, project and so on (P_MYID).
const Self int32 = -1

// Change changes one of the sets of running processes (psecflags(2)): those with
// an id of that type. What a process gets into its inheritable set is in effect
// from its next exec on. EPERM without the privilege proc_secflags over one of
// them, EINVAL for a change that the sets of one don't allow, ESRCH when there are
// none; ENOTSUP on a system that isn't illumos.
func Change(by IDType, id int32, which Which, d Delta) error {
	err := change(by, id, which, d)
	if e, ok := errno.Of(err); ok {
		return &Error{Text: d.String(), Reason: e.Error(), Err: e}
	}
	return err
}
