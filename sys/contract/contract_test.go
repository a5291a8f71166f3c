package contract

import (
	"errors"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "contract")
	for name, value := range map[string]uint32{
		"CT_PR_EV_EMPTY": uint32(EventEmpty), "CT_PR_EV_FORK": uint32(EventFork), "CT_PR_EV_EXIT": uint32(EventExit),
		"CT_PR_EV_CORE": uint32(EventCore), "CT_PR_EV_SIGNAL": uint32(EventSignal), "CT_PR_EV_HWERR": uint32(EventHardware),
		"CT_PR_ALLEVENT": uint32(AllEvents), "CT_PR_ALLFATAL": uint32(AllFatal),
		"CT_PR_INHERIT": uint32(Inherit), "CT_PR_NOORPHAN": uint32(NoOrphan), "CT_PR_PGRPONLY": uint32(GroupOnly),
		"CT_PR_REGENT": uint32(Regent), "CT_PR_ALLPARAM": uint32(allProperties),
		"CTD_COMMON": uint32(Common), "CTD_FIXED": uint32(Fixed), "CTD_ALL": uint32(All),
	} {
		if want, ok := header[name]; !ok || int64(value) != want {
			t.Errorf("%s is %#x, the header has %#x (%v)", name, value, want, ok)
		}
	}
	if want := abitest.Strings(t)["CTFS_ROOT"]; Root != want {
		t.Errorf("CTFS_ROOT is %q, the header has %q", Root, want)
	}
}

func TestValid(t *testing.T) {
	for _, c := range []struct {
		name  string
		terms Terms
		ok    bool
	}{
		{"none", Terms{}, true},
		{"everything", Terms{AllEvents, AllEvents, AllFatal, allProperties, 1}, true},
		{"an exit can't be fatal", Terms{Fatal: EventExit}, false},
		{"an unknown event", Terms{Informative: 0x40}, false},
		{"an unknown critical event", Terms{Critical: 1 << 31}, false},
		{"an unknown property", Terms{Params: 0x10}, false},
	} {
		err := c.terms.Valid()
		if (err == nil) != c.ok || err != nil && !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func pack(t *testing.T, build func(*nvlist.List)) []byte {
	t.Helper()
	list := nvlist.New(nvlist.UniqueName)
	build(list)
	raw, err := list.Pack(nvlist.Native)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestStatusDetails(t *testing.T) {
	raw := pack(t, func(l *nvlist.List) {
		l.AddUint32("ctps_params", uint32(GroupOnly|Regent))
		l.AddUint32("ctps_ev_fatal", uint32(EventHardware))
		l.AddUint32Array("ctps_members", []uint32{7, 8})
		l.AddUint32Array("ctps_contracts", []uint32{3})
		l.AddString("ctps_svc_fmri", "svc:/system/zones:default")
		l.AddString("ctps_svc_creator", "zoneadmd")
	})
	got := Status{ID: 5}
	if err := got.details(raw); err != nil {
		t.Fatal(err)
	}
	want := Status{ID: 5, Params: GroupOnly | Regent, Fatal: EventHardware, Members: []int32{7, 8}, Contracts: []ID{3},
		FMRI: "svc:/system/zones:default", Creator: "zoneadmd"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v", got, want)
	}
	if err := got.details([]byte("no list")); err == nil {
		t.Error("something that is not a list is read")
	}
}

func TestEventDetails(t *testing.T) {
	local := pack(t, func(l *nvlist.List) {
		l.AddUint32("ctpe_pid", 17)
		l.AddInt32("ctpe_exitstatus", 256)
	})
	global := pack(t, func(l *nvlist.List) {
		l.AddUint32("ctpe_ppid", 1)
		l.AddInt32("ctpe_signal", 9)
		l.AddUint32("ctpe_sender", 3)
	})
	var e Event
	if err := e.details(append(local, global...), len(local)); err != nil {
		t.Fatal(err)
	}
	if want := (Event{Pid: 17, Status: 256, Parent: 1, Signal: 9, Sender: 3}); e != want {
		t.Errorf("%+v, not %+v", e, want)
	}
	for name, at := range map[string]int{"before": -1, "behind": len(local) + 1, "within": 8} {
		if err := e.details(local, at); err == nil {
			t.Errorf("a list that ends %s the buffer is read", name)
		}
	}
}

func FuzzDetails(f *testing.F) {
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, raw []byte, at int) {
		new(Event).details(raw, at)
		new(Status).details(raw)
	})
}

// noContracts reports whether an error says that the system has no contract file system, which
// illumos-run has.
func noContracts(err error) bool {
	return errors.Is(err, os.ErrNotExist) && os.Getenv("ZONES_EMBEDDED") == ""
}

// TestContract starts a process in its own contract, on a system that has contracts.
func TestContract(t *testing.T) {
	if runtime.GOOS != "illumos" {
		if _, err := (Terms{}).Activate(); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("activating: %v", err)
		}
		if _, err := Latest(); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("latest: %v", err)
		}
		return
	}
	active, err := Terms{Informative: EventEmpty, Critical: EventExit, Fatal: EventHardware, Params: GroupOnly, Cookie: 42}.Activate()
	if noContracts(err) {
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	err = cmd.Start()
	id, latestErr := Latest()
	if err := active.Clear(); err != nil {
		t.Error(err)
	}
	if err != nil || latestErr != nil {
		t.Fatal(err, latestErr)
	}
	s, err := StatusOf(id, All)
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != id || s.Holder != int32(os.Getpid()) || s.State != Owned || s.Cookie != 42 || s.Critical != EventExit || s.Fatal != EventHardware || s.Params != GroupOnly {
		t.Errorf("the contract is %+v", s)
	}
	events, err := Watch(id)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	cmd.Wait()
	for {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == EventExit {
			if e.Contract != id || e.Pid != int32(cmd.Process.Pid) || !e.Critical {
				t.Errorf("the exit event is %+v", e)
			}
			if err := Ack(id, e.Number); err != nil {
				t.Error(err)
			}
			break
		}
	}
	if err := Abandon(id); err != nil {
		t.Error(err)
	}
}

// TestStart starts processes in contracts, and passes a failure to start on. No template is
// left active.
func TestStart(t *testing.T) {
	if runtime.GOOS != "illumos" {
		if _, err := (Terms{}).Start(func() error { t.Error("it was started"); return nil }); !errors.Is(err, errno.ENOTSUP) {
			t.Error(err)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	id, err := Terms{Cookie: 43}.Start(cmd.Start)
	if noContracts(err) {
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	if s, err := StatusOf(id, Common); err != nil || s.Cookie != 43 {
		t.Errorf("%+v, %v", s, err)
	}
	cmd.Wait()
	if err := Abandon(id); err != nil {
		t.Error(err)
	}
	refused := errors.New("refused")
	if _, err := (Terms{}).Start(func() error { return refused }); err != refused {
		t.Error(err)
	}
	if _, err := (Terms{Fatal: EventExit}).Start(nil); !errors.Is(err, errno.EINVAL) {
		t.Error(err)
	}
}
