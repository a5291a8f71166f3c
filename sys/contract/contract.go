package contract

import (
	"fmt"
	"os"
	"strconv"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/nvlist"
)

// ID is the id of a contract (ctid_t).
type ID int32

// Root is the mount point of the contract file system (CTFS_ROOT).
const Root = abi.CTFS_ROOT

// Events is a set of events of the members of a process contract.
type Events uint32

// The events.
const (
	EventEmpty    Events = abi.CT_PR_EV_EMPTY  // CT_PR_EV_EMPTY: the last member exited
	EventFork     Events = abi.CT_PR_EV_FORK   // CT_PR_EV_FORK: a member forked
	EventExit     Events = abi.CT_PR_EV_EXIT   // CT_PR_EV_EXIT: a member exited
	EventCore     Events = abi.CT_PR_EV_CORE   // CT_PR_EV_CORE: a member dumped core
	EventSignal   Events = abi.CT_PR_EV_SIGNAL // CT_PR_EV_SIGNAL: a signal from outside the contract killed a member
	EventHardware Events = abi.CT_PR_EV_HWERR  // CT_PR_EV_HWERR: a hardware error killed a member

	AllEvents Events = abi.CT_PR_ALLEVENT // CT_PR_ALLEVENT: every event
	AllFatal  Events = abi.CT_PR_ALLFATAL // CT_PR_ALLFATAL: every event that Terms.Fatal can have
)

// Params is a set of properties of a process contract.
type Params uint32

// The properties.
const (
	Inherit   Params = abi.CT_PR_INHERIT  // CT_PR_INHERIT: the contract that the holder is in inherits it when the holder exits
	NoOrphan  Params = abi.CT_PR_NOORPHAN // CT_PR_NOORPHAN: the members are killed when it is abandoned
	GroupOnly Params = abi.CT_PR_PGRPONLY // CT_PR_PGRPONLY: a fatal event kills only the process group
	Regent    Params = abi.CT_PR_REGENT   // CT_PR_REGENT: it can inherit contracts of its members
)

const allProperties = Inherit | NoOrphan | GroupOnly | Regent

// Terms describes the contract of a child that is going to be started, a template in
// the words of contract(5). The zero value reports no events, and no event is fatal.
type Terms struct {
	Informative Events // CTP_EV_INFO: events to report, dropped if not read
	Critical    Events // CTP_EV_CRITICAL: events to report and keep until [Ack]
	Fatal       Events // CTPP_EV_FATAL: events that kill all members
	Params      Params // CTPP_PARAMS
	Cookie      uint64 // CTP_COOKIE: a number for the holder's own use
}

// Valid returns an error with EINVAL if Fatal has an event that can't be fatal, or any
// set has an unknown bit.
func (t Terms) Valid() error {
	for _, e := range []struct {
		name  string
		value uint32
		known uint32
	}{
		{"informative event", uint32(t.Informative), uint32(AllEvents)},
		{"critical event", uint32(t.Critical), uint32(AllEvents)},
		{"fatal event", uint32(t.Fatal), uint32(AllFatal)},
		{"property", uint32(t.Params), uint32(allProperties)},
	} {
		if bad := e.value &^ e.known; bad != 0 {
			return fmt.Errorf("contract: no %s %#x: %w", e.name, bad, errno.EINVAL)
		}
	}
	return nil
}

// State is the state of a contract (ctstate_t).
type State int32

// The states.
const (
	Owned     State = abi.CTS_OWNED     // CTS_OWNED: a process holds it
	Inherited State = abi.CTS_INHERITED // CTS_INHERITED: its holder exited; a contract inherited it, whose members may adopt it
	Orphan    State = abi.CTS_ORPHAN    // CTS_ORPHAN: no process holds it, members are left
	Dead      State = abi.CTS_DEAD      // CTS_DEAD: no process holds it, no members are left
)

// String returns the state as ctstat(1) prints it.
func (s State) String() string {
	names := [...]string{"owned", "inherited", "orphan", "dead"}
	if s < 0 || int(s) >= len(names) {
		return fmt.Sprintf("state %d", int32(s))
	}
	return names[s]
}

// Detail selects the fields that [StatusOf] fills in.
type Detail uint32

// The details.
const (
	Common Detail = abi.CTD_COMMON // CTD_COMMON: the fields of every contract
	Fixed  Detail = abi.CTD_FIXED  // CTD_FIXED: also the terms
	All    Detail = abi.CTD_ALL    // CTD_ALL: also members and inherited contracts
)

// Status is the state of a contract at one moment.
type Status struct {
	ID          ID
	Zone        int32 // id of the zone in which it was created
	Holder      int32 // process id while Owned, contract id while Inherited, else 0
	State       State
	Events      int // number of critical events without [Ack]
	Critical    Events
	Informative Events
	Cookie      uint64 // of [Terms]

	// Params and Fatal are the contract's terms, from Fixed on.
	Params Params
	Fatal  Events
	// Members are process ids, and Contracts those it inherited, with All.
	Members   []int32
	Contracts []ID
	// FMRI is the service whose contract it is, and Creator names who created it; "" if
	// the system doesn't say.
	FMRI    string
	Creator string
}

// StatusOf returns the status of a contract (ct_status_read(3CONTRACT)). ENOENT when
// there is no such contract.
func StatusOf(id ID, detail Detail) (*Status, error) {
	s, err := statusOf(id, detail)
	return s, failed("status", err)
}

// details fills in what the system returns as a packed list.
func (s *Status) details(packed []byte) error {
	if len(packed) == 0 {
		return nil
	}
	list, err := nvlist.Unpack(packed)
	if err != nil {
		return fmt.Errorf("contract %d: status: %w", s.ID, err)
	}
	if v, err := list.LookupUint32("ctps_params"); err == nil {
		s.Params = Params(v)
	}
	if v, err := list.LookupUint32("ctps_ev_fatal"); err == nil {
		s.Fatal = Events(v)
	}
	if v, err := list.LookupUint32Array("ctps_members"); err == nil {
		for _, pid := range v {
			s.Members = append(s.Members, int32(pid))
		}
	}
	if v, err := list.LookupUint32Array("ctps_contracts"); err == nil {
		for _, id := range v {
			s.Contracts = append(s.Contracts, ID(id))
		}
	}
	s.FMRI, _ = list.LookupString("ctps_svc_fmri")
	s.Creator, _ = list.LookupString("ctps_svc_creator")
	return nil
}

// Event is an event of a member.
type Event struct {
	Contract ID
	Number   uint64 // for [Ack]
	Type     Events // one of the EventX bits
	Critical bool   // kept by the system until [Ack]
	Pid      int32  // of the member
	Parent   int32  // of EventFork: the process that forked
	Status   int32  // of EventExit: the wait status, as wait(2) has it
	Signal   int32  // of EventSignal: the signal
	Sender   int32  // of EventSignal: process id of the sender
}

// details fills in what the system returns as two packed lists: one for every caller,
// and from the offset global on one that only the global zone gets.
func (e *Event) details(packed []byte, global int) error {
	if global < 0 || global > len(packed) {
		return fmt.Errorf("contract %d: an event's list ends at %d of %d", e.Contract, global, len(packed))
	}
	for _, part := range [][]byte{packed[:global], packed[global:]} {
		if len(part) == 0 {
			continue
		}
		list, err := nvlist.Unpack(part)
		if err != nil {
			return fmt.Errorf("contract %d: event: %w", e.Contract, err)
		}
		for name, to := range map[string]*int32{
			"ctpe_pid": &e.Pid, "ctpe_ppid": &e.Parent, "ctpe_exitstatus": &e.Status,
			"ctpe_signal": &e.Signal, "ctpe_sender": &e.Sender,
		} {
			if v, err := list.LookupUint32(name); err == nil {
				*to = int32(v)
			} else if v, err := list.LookupInt32(name); err == nil {
				*to = v
			}
		}
	}
	return nil
}

// Active is [Terms] that apply to the calling thread, to which the goroutine is locked
// until Clear. Only that goroutine may use it.
type Active struct {
	active //lint:ignore U1000 used on illumos
}

// Activate makes t apply to every process that the calling goroutine starts until
// [Active.Clear] (ct_tmpl_activate(3CONTRACT)). The goroutine is locked to its thread
// until then. EINVAL for invalid terms, ENOENT when the contract file system isn't
// mounted.
func (t Terms) Activate() (*Active, error) {
	if err := t.Valid(); err != nil {
		return nil, err
	}
	a, err := t.activate()
	return a, failed("activating terms", err)
}

// Clear makes the goroutine start processes in its own contract again
// (ct_tmpl_clear(3CONTRACT)) and unlocks it from its thread. It must be called once.
func (a *Active) Clear() error { return failed("clearing terms", a.clear()) }

// Start calls start, which starts one process, and returns the contract that the process is
// in, with these terms. If the process was started and its contract can't be told, the error
// says so, and the process runs. ENOTSUP on systems other than illumos, where start isn't
// called.
func (t Terms) Start(start func() error) (ID, error) {
	active, err := t.Activate()
	if err != nil {
		return 0, err
	}
	var id ID
	if err = start(); err == nil {
		id, err = Latest()
	}
	if clearErr := active.Clear(); err == nil {
		err = clearErr
	}
	return id, err
}

// Latest returns the contract that the calling thread created last
// (contract_latest(3CONTRACT)). ESRCH when it created none.
func Latest() (ID, error) {
	id, err := latest()
	return id, failed("latest", err)
}

// Abandon stops holding a contract (ct_ctl_abandon(3CONTRACT)). Its members are killed
// if it has NoOrphan; otherwise they run on without a contract holder. EACCES when
// another process holds it.
func Abandon(id ID) error { return failed("abandoning", abandon(id)) }

// Adopt takes over a contract that the caller's own contract has inherited
// (ct_ctl_adopt(3CONTRACT)). EINVAL when it isn't inherited.
func Adopt(id ID) error { return failed("adopting", adopt(id)) }

// Ack acknowledges a critical event, by its Number (ct_ctl_ack(3CONTRACT)). ESRCH when
// no such event waits for that.
func Ack(id ID, event uint64) error { return failed("acknowledging", ack(id, event)) }

// Endpoint delivers events. Its methods may be called from any goroutine.
type Endpoint struct{ file *os.File }

// Watch returns the events of one contract. ENOENT when there is no such contract.
func Watch(id ID) (*Endpoint, error) { return watch("process", number(id), "events") }

// WatchOwn returns the events of all contracts that this process holds.
func WatchOwn() (*Endpoint, error) { return watch("process", "pbundle") }

func watch(parts ...string) (*Endpoint, error) {
	file, err := open(parts...)
	if err != nil {
		return nil, failed("watching", err)
	}
	return &Endpoint{file}, nil
}

// Reliable makes the system keep informative events too until this endpoint has read
// them (ct_event_reliable(3CONTRACT)). EPERM without the privilege contract_event.
func (e *Endpoint) Reliable() error { return failed("reliable events", e.reliable()) }

// Next waits for an event and returns it (ct_event_read(3CONTRACT)). os.ErrClosed once
// the endpoint is closed.
func (e *Endpoint) Next() (*Event, error) {
	event, err := e.next()
	return event, failed("event", err)
}

// Close closes the endpoint. A Next that waits returns.
func (e *Endpoint) Close() error { return e.file.Close() }

func number(id ID) string { return strconv.Itoa(int(id)) }

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("contract: %s: %w", op, err)
}
