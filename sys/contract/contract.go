package contract

import (
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/nvlist"
)

// ID names a contract (ctid_t).
type ID int32

// Root is where the contract file system is (CTFS_ROOT).
const Root = abi.CTFS_ROOT

// Events are what can happen to the members of a process contract.
type Events uint32

// The events.
const (
	EventEmpty    Events = abi.CT_PR_EV_EMPTY  // CT_PR_EV_EMPTY: no member is left
	EventFork     Events = abi.CT_PR_EV_FORK   // CT_PR_EV_FORK: a member forked
	EventExit     Events = abi.CT_PR_EV_EXIT   // CT_PR_EV_EXIT: a member ended
	EventCore     Events = abi.CT_PR_EV_CORE   // CT_PR_EV_CORE: a member dumped core
	EventSignal   Events = abi.CT_PR_EV_SIGNAL // CT_PR_EV_SIGNAL: a signal from outside ended a member
	EventHardware Events = abi.CT_PR_EV_HWERR  // CT_PR_EV_HWERR: an error of the hardware ended a member

	AllEvents Events = abi.CT_PR_ALLEVENT // CT_PR_ALLEVENT
	AllFatal  Events = abi.CT_PR_ALLFATAL // CT_PR_ALLFATAL: those that can be fatal
)

// Params are properties of a process contract.
type Params uint32

// The properties.
const (
	Inherit       Params = abi.CT_PR_INHERIT  // CT_PR_INHERIT: goes to the holder's parent contract when the holder ends
	NoOrphan      Params = abi.CT_PR_NOORPHAN // CT_PR_NOORPHAN: the members are killed when it is abandoned
	GroupOnly     Params = abi.CT_PR_PGRPONLY // CT_PR_PGRPONLY: a fatal event kills only the process group
	Regent        Params = abi.CT_PR_REGENT   // CT_PR_REGENT: the members' contracts can be inherited
	allProperties        = Inherit | NoOrphan | GroupOnly | Regent
)

// Terms are what the contract of a child is to be. The zero value of each means
// none: no event is told, none kills the others.
type Terms struct {
	Informative Events // CTP_EV_INFO: told, and dropped where nobody reads
	Critical    Events // CTP_EV_CRITICAL: kept until they are acknowledged
	Fatal       Events // CTPP_EV_FATAL: end all members
	Params      Params // CTPP_PARAMS
	Cookie      uint64 // CTP_COOKIE: the holder's own number
}

// Valid tells what is wrong with the terms: EINVAL for an event that can't be
// fatal, or a bit that means nothing.
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

// State is what has become of a contract (ctstate_t).
type State int32

// The states.
const (
	Owned     State = abi.CTS_OWNED     // CTS_OWNED: a process holds it
	Inherited State = abi.CTS_INHERITED // CTS_INHERITED: the holder ended, a contract has it and anybody of that may adopt it
	Orphan    State = abi.CTS_ORPHAN    // CTS_ORPHAN: nobody holds it
	Dead      State = abi.CTS_DEAD      // CTS_DEAD: gone
)

// String returns the name that ctstat(1) has for it.
func (s State) String() string {
	names := [...]string{"owned", "inherited", "orphan", "dead"}
	if s < 0 || int(s) >= len(names) {
		return fmt.Sprintf("state %d", int32(s))
	}
	return names[s]
}

// Detail is how much [StatusOf] asks.
type Detail uint32

// The details.
const (
	Common Detail = abi.CTD_COMMON // CTD_COMMON: what every contract has
	Fixed  Detail = abi.CTD_FIXED  // CTD_FIXED: and the terms
	All    Detail = abi.CTD_ALL    // CTD_ALL: and the members
)

// Status is what the system knows of a contract.
type Status struct {
	ID          ID
	Zone        int32 // of whoever made it
	Holder      int32 // the process; for an inherited one the contract; else 0
	State       State
	Events      int // not acknowledged
	Critical    Events
	Informative Events
	Cookie      uint64

	// With Fixed and All.
	Params Params
	Fatal  Events
	// With All.
	Members   []int32 // processes
	Contracts []ID    // inherited
	// Of a service.
	FMRI    string
	Creator string
}

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

// Event is something that happened to a member.
type Event struct {
	Contract ID
	Number   uint64 // for [Ack]
	Type     Events
	Critical bool // waits for Ack
	Pid      int32
	Parent   int32 // of a fork
	Status   int32 // of an exit, as wait(2) tells it
	Signal   int32 // of a signal
	Sender   int32 // of a signal
}

// details reads the event's lists: what everybody may see, and from global on what
// only the global zone may.
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

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("contract: %s: %w", op, err)
}
