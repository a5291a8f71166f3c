package secflags

import "github.com/gozones/zones/sys/errno"

// IDType is the kind of an id that selects processes (idtype_t).
type IDType int32

// The kinds.
const (
	ByPID     IDType = 0  // P_PID: the process
	ByPPID    IDType = 1  // P_PPID: children of a process
	ByPGID    IDType = 2  // P_PGID: a process group
	BySID     IDType = 3  // P_SID: a session
	ByUID     IDType = 5  // P_UID: a user
	ByGID     IDType = 6  // P_GID: a group of users
	ByAll     IDType = 7  // P_ALL: all processes
	ByTask    IDType = 9  // P_TASKID: a task
	ByProject IDType = 10 // P_PROJID: a project
	ByZone    IDType = 12 // P_ZONEID: a zone
	ByCTID    IDType = 13 // P_CTID: a process contract
)

// Self is the id of the calling process, its task, its project and so on (P_MYID).
const Self int32 = -1

// Change changes one of the sets of the processes that an id selects (psecflags(2)).
// Flags added to the inheritable set take effect at the process's next exec. EPERM
// without the privilege proc_secflags over one of the processes, EINVAL when the sets of
// one don't allow the change, ESRCH when there are no such processes, ENOTSUP on systems
// other than illumos. The error is an [*Error].
func Change(by IDType, id int32, which Which, d Delta) error {
	err := change(by, id, which, d)
	if e, ok := errno.Of(err); ok {
		return &Error{Text: d.String(), Reason: e.Error(), Err: e}
	}
	return err
}
